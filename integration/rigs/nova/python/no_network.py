"""In neutron's place: an API that has no networks, no ports and no limits. Usage: no_network.py PORT"""

import http.server
import json
import sys
import urllib.parse


class Nothing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        resource = urllib.parse.urlparse(self.path).path.rstrip("/").rpartition("/")[2].replace("-", "_")
        if "/quotas/" in self.path:
            self._answer({"quota": {"port": -1, "network": -1, "security_group": -1}})
        else:
            self._answer({resource: []})

    def _answer(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Nothing).serve_forever()
