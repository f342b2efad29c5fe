"""What it takes to judge and end open connections when the rules change."""
