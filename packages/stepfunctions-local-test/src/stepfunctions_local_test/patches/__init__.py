"""What is changed in moto, each with its reason; made for one version of moto, and refused for any other."""
