"""Tests of the SQL tree: model, renderer, compiler, and the rendered SQL on a real Postgres."""
