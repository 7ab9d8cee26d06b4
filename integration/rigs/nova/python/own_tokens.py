"""In keystone's place for who asks for a token: gives whoever names a user and a project the one that rig_auth.py believes.

Usage: own_tokens.py PORT
"""

import http.server
import json
import sys


class Tokens(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        auth = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["auth"]
        user = auth["identity"]["password"]["user"]["name"]
        project = auth["scope"]["project"]["name"]
        body = json.dumps({"token": {"expires_at": "2100-01-01T00:00:00.000000Z", "project": {"id": project}}}).encode()
        self.send_response(201)
        self.send_header("X-Subject-Token", "%s:%s" % (user, project))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Tokens).serve_forever()
