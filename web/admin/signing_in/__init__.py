"""How people sign in: passwords, wrong ones, and for how long."""
