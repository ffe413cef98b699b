"""What each operation of each service takes: data, one module per service or group of small ones."""
