"""The SQL tree: read its model, render scripts from it, compile it into a release. Nothing here talks to AWS."""
