"""The Glue runtime: job runs execute the deployed script with the deployed wheels."""
