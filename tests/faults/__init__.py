"""What happens when something breaks: processes die, disks fill up, files are torn."""
