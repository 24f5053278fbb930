"""A server on this machine that fails as it is told; for ipfs.py and pin.py.

A line "METHOD PATH?QUERY" is written to LOG for each request.  The first line
of SCRIPT that begins with a word that is in the request's path, or "*", is
taken away ("always" before it: it stays) and says what to do instead:

  STATUS [TEXT ...]   that status, TEXT as the body ("-": none)
  close               close without having done it
  lost                do it, then close without an answer
  cut                 do it, then half of the answer, then close
  half                close after half of the request
  more                do it, then the answer with another one behind it
  slow S              wait S seconds, then as usual
  hold FILE           make FILE, wait until it is gone, then as usual
  held FILE           do it, make FILE, answer when that is gone
  drip                a byte now and then, for ever
  endless             a body without end
  trailer TEXT        as Kubo: status 200, and at the end that it failed
  junk                no HTTP
and what the server itself knows.  By TLS if FAULTS_TLS names a folder with
public.crt and private.key.
"""
import http.server
import os
import ssl
import sys
import threading
import time

lock = threading.Lock()


def wait_for(name):
    with open(name, "w"):
        pass
    while os.path.exists(name):
        time.sleep(0.005)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes

    def log_message(self, *args):
        pass

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def fault(self):
        """The words of the line for this request; [] none."""
        with lock:
            with open(sys.argv[2], "a") as f:
                f.write(self.command + " " + self.path + "\n")
            with open(sys.argv[3]) as f:
                lines = f.read().splitlines()
            for i, line in enumerate(lines):
                words = line.split()
                stays = words[0] == "always"
                words = words[1 if stays else 0:]
                if words[0] not in ("*", self.command) and \
                        words[0] not in self.path:
                    continue
                if not stays:
                    del lines[i]
                    with open(sys.argv[3], "w") as f:
                        f.write("".join(x + "\n" for x in lines))
                return words[1:]
        return []

    def send(self, status, body=b"", kind="application/json", headers=()):
        if self.words[:1] in (["lost"], ["held"]):
            if self.words[0] == "held":
                wait_for(self.words[1])
            else:
                self.close_connection = True
                return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for h, v in headers:
            self.send_header(h, v)
        if self.words[:1] == ["more"]:
            # all at once: of a body whose head came before libcurl reads no
            # more than was said, and what is behind it is the next answer
            head = b"".join(self._headers_buffer) + b"\r\n"
            self._headers_buffer = []
            self.wfile.write(head + body + b"HTTP/1.1 200 OK\r\n"
                             b"Content-Length: 4\r\n\r\nevil")
            return
        self.end_headers()
        if self.words[:1] == ["cut"]:
            body = body[:len(body) // 2]
            self.close_connection = True
        if self.command == "HEAD":
            body = b""
        self.wfile.write(body)

    def instead(self):
        """True: that was the answer."""
        w = self.words
        if not w:
            return False
        if w[0].isdigit():
            text = " ".join(x for x in w[1:] if "=" not in x or x[0] == "{")
            self.words = []
            self.send(int(w[0]), b"" if text == "-" else text.encode(),
                      headers=[x.split("=", 1) for x in w[1:]
                               if "=" in x and x[0] != "{"])
        elif w[0] == "close":
            self.close_connection = True
        elif w[0] == "junk":
            self.wfile.write(b"no http\r\n\r\n")
            self.close_connection = True
        elif w[0] in ("drip", "endless"):
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(b"x" if w[0] == "drip" else b"x" * 65536)
                    self.wfile.flush()
                    if w[0] == "drip":
                        time.sleep(0.2)
            except OSError:
                pass
        elif w[0] == "trailer":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Trailer", "X-Stream-Error")
            self.end_headers()
            self.wfile.write(b"0\r\nX-Stream-Error: " +
                             " ".join(w[1:]).encode() + b"\r\n\r\n")
        elif w[0] == "slow":
            time.sleep(float(w[1]))
            return False
        elif w[0] == "hold":
            wait_for(w[1])
            return False
        else:
            return False
        return True

    def handle_one(self):
        self.words = self.fault()
        if self.words[:1] == ["half"]:
            n = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(n // 2)
            self.close_connection = True
            return
        body = self.read_body()
        if not self.instead():
            self.answer(body)

    do_GET = do_POST = do_DELETE = handle_one


def serve(handler):
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            pass
    s = Server(("127.0.0.1", 0), handler)
    if os.environ.get("FAULTS_TLS"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["FAULTS_TLS"] + "/public.crt",
                            os.environ["FAULTS_TLS"] + "/private.key")
        s.socket = tls.wrap_socket(s.socket, server_side=True)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write(str(s.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    s.serve_forever()
