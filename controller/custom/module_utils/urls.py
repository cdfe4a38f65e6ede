"""Questions to web servers."""

import base64
import email.utils
import gzip
import http.client
import http.cookiejar
import netrc
import os
import shutil
import socket
import ssl
import tempfile
import urllib.error
import urllib.request
from urllib.parse import unquote, urlparse, urlunparse  # noqa: F401

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text


class ConnectionError(Exception):
    """No connection to the server."""


class ProxyError(ConnectionError):
    """No connection through a proxy."""


class SSLValidationError(ConnectionError):
    """The server's certificate is not trusted."""


class NoSSLError(SSLValidationError):
    """Python has no ssl."""


class MissingModuleError(Exception):
    """Something of Python is not there."""

    def __init__(self, message, import_traceback, module=None):
        super().__init__(message)
        self.import_traceback = import_traceback
        self.module = module


# Kerberos is not spoken here.
HAS_GSSAPI = False


def generic_urlparse(parts):
    """The parts of a URL, as urlparse() gives them, by name."""
    more = {name: getattr(parts, name) for name in ('username', 'password', 'hostname', 'port')}
    return dict(parts._asdict(), **more)


def url_argument_spec():
    """Arguments that modules with a url have in common."""
    return dict(
        url=dict(type='str'),
        force=dict(type='bool', default=False),
        http_agent=dict(type='str', default='ansible-httpget'),
        use_proxy=dict(type='bool', default=True),
        validate_certs=dict(type='bool', default=True),
        url_username=dict(type='str'),
        url_password=dict(type='str', no_log=True),
        force_basic_auth=dict(type='bool', default=False),
        client_cert=dict(type='path'),
        client_key=dict(type='path'),
        use_gssapi=dict(type='bool', default=False),
    )


def basic_auth_header(username, password):
    """The value of an Authorization header."""
    pair = '%s:%s' % (username or '', password or '')
    return b'Basic %s' % base64.b64encode(to_bytes(pair))


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('localhost', timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _UnixHandler(urllib.request.HTTPHandler):
    def __init__(self, path):
        super().__init__()
        self._path = path

    def http_open(self, request):
        return self.do_open(lambda _host, timeout, **_: _UnixConnection(self._path, timeout), request)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows what follow_redirects allows: all, safe (of GET and HEAD), urllib2 (as Python does), none."""

    def __init__(self, follow):
        words = {True: 'all', 'yes': 'all', False: 'none', 'no': 'none', None: 'safe'}
        self._follow = words.get(follow, follow)

    def redirect_request(self, request, fp, code, msg, headers, newurl):
        method = request.get_method()
        if self._follow == 'urllib2':
            return super().redirect_request(request, fp, code, msg, headers, newurl)
        if self._follow == 'none' or (self._follow == 'safe' and method not in ('GET', 'HEAD')):
            raise urllib.error.HTTPError(newurl, code, msg, headers, fp)
        data = request.data
        if code == 303 and method != 'HEAD' or code in (301, 302) and method == 'POST':
            method, data = 'GET', None
        kept = {key: value for key, value in request.headers.items() if key.lower() not in ('content-length', 'host')}
        if data is None:
            kept = {key: value for key, value in kept.items() if key.lower() != 'content-type'}
        return urllib.request.Request(
            newurl.replace(' ', '%20'),
            data=data,
            headers=kept,
            origin_req_host=request.origin_req_host,
            unverifiable=True,
            method=method,
        )


def _context(validate_certs, ca_path, client_cert, client_key, ciphers):
    context = ssl.create_default_context(cafile=ca_path if ca_path and os.path.isfile(ca_path) else None,
                                         capath=ca_path if ca_path and os.path.isdir(ca_path) else None)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert:
        context.load_cert_chain(client_cert, client_key)
    if ciphers:
        context.set_ciphers(':'.join(ciphers) if isinstance(ciphers, (list, tuple)) else ciphers)
    return context


def _credentials(url, username, password, use_netrc):
    """Who asks: as is said, as the url says, or as ~/.netrc does. Gives the url without them, too."""
    parts = urlparse(url)
    if parts.username is not None and not username:
        username, password = unquote(parts.username), unquote(parts.password or '')
        url = parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl()
    if not username and use_netrc:
        try:
            found = netrc.netrc(os.environ.get('NETRC')).authenticators(parts.hostname)
        except (OSError, netrc.NetrcParseError):
            found = None
        if found:
            username, _, password = found
    return url, username, password


def open_url(
    url,
    data=None,
    headers=None,
    method=None,
    use_proxy=True,
    force=False,
    last_mod_time=None,
    timeout=10,
    validate_certs=True,
    url_username=None,
    url_password=None,
    http_agent=None,
    force_basic_auth=False,
    follow_redirects='urllib2',
    client_cert=None,
    client_key=None,
    cookies=None,
    use_gssapi=False,
    unix_socket=None,
    ca_path=None,
    unredirected_headers=None,
    decompress=True,
    ciphers=None,
    use_netrc=True,
):
    """The answer to a request, as urllib gives it. Raises urllib's errors, and those of this module."""
    if use_gssapi:
        raise MissingModuleError('There is no GSSAPI here', None, module='gssapi')
    url, username, password = _credentials(url, url_username, url_password, use_netrc)
    handlers = [_Redirects(follow_redirects)]
    if unix_socket:
        handlers.append(_UnixHandler(unix_socket))
    if not use_proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    if urlparse(url).scheme == 'https':
        context = _context(validate_certs, ca_path, client_cert, client_key, ciphers)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    if cookies is not None:
        handlers.append(urllib.request.HTTPCookieProcessor(cookies))
    if username and not force_basic_auth:
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, url, username, password or '')
        handlers += [urllib.request.HTTPBasicAuthHandler(known), urllib.request.HTTPDigestAuthHandler(known)]
    request = urllib.request.Request(url, data=to_bytes(data, nonstring='passthru') if data is not None else None,
                                     method=method.upper() if method else None)
    if username and force_basic_auth:
        request.add_unredirected_header('Authorization', to_native(basic_auth_header(username, password)))
    if http_agent:
        request.add_header('User-agent', http_agent)
    if force:
        request.add_header('cache-control', 'no-cache')
    elif last_mod_time:
        request.add_header('If-Modified-Since', email.utils.format_datetime(last_mod_time, usegmt=False))
    unredirected = [name.lower() for name in unredirected_headers or []]
    for name, value in (headers or {}).items():
        add = request.add_unredirected_header if name.lower() in unredirected else request.add_header
        add(name, to_native(value))
    if decompress and not request.has_header('Accept-encoding'):
        request.add_header('Accept-encoding', 'gzip')
    answer = urllib.request.build_opener(*handlers).open(request, None, timeout)
    if decompress and answer.headers.get('content-encoding', '').lower() == 'gzip':
        answer.fp = gzip.GzipFile(fileobj=answer.fp)
        del answer.headers['content-length']
        answer.length = None
    return answer


class Request:
    """The same with what all requests have in common."""

    def __init__(self, **kwargs):
        self._common = kwargs
        self.headers = kwargs.get('headers') or {}

    def open(self, method, url, **kwargs):
        said = {key: value for key, value in kwargs.items() if value is not None}
        both = dict(self.headers, **(kwargs.get('headers') or {}))
        return open_url(url, method=method, **dict(self._common, **dict(said, headers=both)))

    def get(self, url, **kwargs):
        return self.open('GET', url, **kwargs)

    def head(self, url, **kwargs):
        return self.open('HEAD', url, **kwargs)

    def options(self, url, **kwargs):
        return self.open('OPTIONS', url, **kwargs)

    def post(self, url, data=None, **kwargs):
        return self.open('POST', url, data=data, **kwargs)

    def put(self, url, data=None, **kwargs):
        return self.open('PUT', url, data=data, **kwargs)

    def patch(self, url, data=None, **kwargs):
        return self.open('PATCH', url, data=data, **kwargs)

    def delete(self, url, **kwargs):
        return self.open('DELETE', url, **kwargs)


def fetch_url(
    module,
    url,
    data=None,
    headers=None,
    method=None,
    use_proxy=None,
    force=False,
    last_mod_time=None,
    timeout=10,
    use_gssapi=False,
    unix_socket=None,
    ca_path=None,
    cookies=None,
    unredirected_headers=None,
    decompress=True,
    ciphers=None,
    use_netrc=True,
):
    """The answer, and what is known of it: status (-1 without an answer), msg, url, body of a failure, headers in lower case."""
    params = module.params
    if use_proxy is None:
        use_proxy = params.get('use_proxy', True)
    jar = http.cookiejar.LWPCookieJar() if cookies is None else cookies
    info = dict(url=url, status=-1)
    answer = None
    try:
        answer = open_url(
            url,
            data=data,
            headers=headers,
            method=method,
            use_proxy=use_proxy,
            force=force,
            last_mod_time=last_mod_time,
            timeout=timeout,
            validate_certs=params.get('validate_certs', True),
            url_username=params.get('url_username') or '',
            url_password=params.get('url_password') or '',
            http_agent=params.get('http_agent') or 'ansible-httpget',
            force_basic_auth=params.get('force_basic_auth') or False,
            follow_redirects=params.get('follow_redirects', 'urllib2'),
            client_cert=params.get('client_cert'),
            client_key=params.get('client_key'),
            cookies=jar,
            use_gssapi=params.get('use_gssapi', use_gssapi),
            unix_socket=unix_socket,
            ca_path=ca_path,
            unredirected_headers=unredirected_headers,
            decompress=decompress,
            ciphers=ciphers,
            use_netrc=use_netrc,
        )
        info.update(_headers(answer))
        length = answer.headers.get('Content-Length', 'unknown')
        info.update(msg='OK (%s bytes)' % length, url=answer.geturl(), status=answer.code)
        info['cookies'] = {cookie.name: cookie.value for cookie in jar}
        info['cookies_string'] = '; '.join('%s=%s' % (cookie.name, cookie.value) for cookie in jar)
    except urllib.error.HTTPError as error:
        answer = error
        info.update(_headers(error))
        info.update(msg=to_native(error), body=error.read(), status=error.code)
    except (NoSSLError, MissingModuleError) as error:
        module.fail_json(msg=to_text(error), **info)
    except (urllib.error.URLError, ValueError) as error:
        info.update(msg='Request failed: %s' % to_native(error), status=getattr(error, 'code', -1))
    except (socket.error, http.client.HTTPException) as error:
        info.update(msg='Connection failure: %s' % to_native(error), status=-1)
    return answer, info


def _headers(answer):
    found = {}
    for name, value in answer.headers.items():
        key = name.lower()
        found[key] = '%s, %s' % (found[key], value) if key in found else value
    return found


def fetch_file(
    module,
    url,
    data=None,
    headers=None,
    method=None,
    use_proxy=True,
    force=False,
    last_mod_time=None,
    timeout=10,
    unredirected_headers=None,
    decompress=True,
    ciphers=None,
):
    """Gets a file, into the folder of this run; gives its path."""
    name, ending = os.path.splitext(os.path.basename(urlparse(url).path))
    handle, path = tempfile.mkstemp(dir=module.tmpdir, prefix=name, suffix=ending)
    module.add_cleanup_file(path)
    answer, info = fetch_url(
        module,
        url,
        data,
        headers,
        method,
        use_proxy,
        force,
        last_mod_time,
        timeout,
        unredirected_headers=unredirected_headers,
        decompress=decompress,
        ciphers=ciphers,
    )
    with os.fdopen(handle, 'wb') as out:
        if answer is None or info['status'] >= 400:
            module.fail_json(msg='Failure downloading %s, %s' % (url, info['msg']))
        shutil.copyfileobj(answer, out)
    return path
