"""moto: its settings, its account, and the functions with which patches change it."""
