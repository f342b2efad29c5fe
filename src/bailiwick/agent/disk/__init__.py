"""What is kept on the disk, whole whatever happens: generations, the origin, the record, the history."""
