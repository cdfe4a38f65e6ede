#!/usr/bin/python
import http.server
import threading

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import fetch_url, url_argument_spec


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/moved':
            self.send_response(302)
            self.send_header('Location', '/ok')
        elif self.path == '/ok':
            self.send_response(200)
            self.send_header('X-Told', self.headers.get('Authorization', 'nobody'))
        else:
            self.send_response(404)
        self.end_headers()
        self.wfile.write(b'content')

    def log_message(self, *_):
        pass


def main():
    module = AnsibleModule(argument_spec=url_argument_spec())
    server = http.server.HTTPServer(('127.0.0.1', 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = []
    for path in ('/moved', '/nothing'):
        answer, info = fetch_url(module, 'http://127.0.0.1:%s%s' % (server.server_port, path))
        content = info['body'] if info['status'] >= 400 else answer.read()
        found.append([info['status'], info.get('x-told'), content, info['msg'], info['url'].rpartition('/')[2]])
    server.shutdown()
    server.server_close()
    _answer, info = fetch_url(module, 'http://127.0.0.1:%s/' % server.server_port)
    module.exit_json(found=found, none=info['status'], failed_as=info['msg'].split(':')[0])


main()
