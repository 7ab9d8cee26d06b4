"""nova-compute's side of configdrive-bridge. Importing this imports nothing of nova."""
