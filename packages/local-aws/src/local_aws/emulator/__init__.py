"""moto itself: its settings, the one account it holds, and the only way in which anything of it is changed."""
