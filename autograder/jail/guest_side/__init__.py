"""Files that exist only inside the jail, in place of modules that would answer an exercise there."""
