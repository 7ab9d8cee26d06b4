"""Cinder's side of configdrive-bridge: drives of the service as volumes. Importing this imports nothing of Cinder."""
