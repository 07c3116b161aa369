"""The commands of `secondlook`, a module for each group."""
