# SPDX-License-Identifier: Apache-2.0
"""webd with a real PostgreSQL: logins, rights of every route, streams, events, files, and life without the database."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from stack import ROOT, program, wait_for
from webd import Client, Stream, Webd

PASSWORD = 'correct horse battery staple'


@pytest.fixture(scope='module')
def webd():
    w = Webd()
    os.makedirs(os.path.join(w.share, 'web', 'assets'))
    for name, text in (('index.html', '<!doctype html>'), ('app-3FA9C2D1.js', 'let a'), ('app-3FA9C2D1.js.gz', 'zipped'), ('plain.css', 'a{}')):
        with open(os.path.join(w.share, 'web', name), 'w', encoding='ascii') as f:
            f.write(text)
    os.symlink('/etc/passwd', os.path.join(w.share, 'web', 'out.txt'))
    try:
        w.make_keys()
        w.start()
        w.session = w.admin(PASSWORD)
        yield w
    finally:
        w.close()


@pytest.fixture(scope='module')
def tokens(webd):
    return {role: webd.token(role) for role in ('viewer', 'operator', 'engineer', 'admin')}


def routes():
    with open(os.path.join(ROOT, 'webd/route.def'), encoding='ascii') as f:
        return re.findall(r'^ROUTE\((\w+), +"([^"]+)", +(\w+), +(\w+)\)', f.read(), re.M)


def path_of(pattern):
    return re.sub(r'\{\w+\}', '1', pattern)


RIGHTS = {
    'viewer': {'LOGIN', 'VIEW'},
    'operator': {'LOGIN', 'VIEW', 'ACK', 'CONTROL'},
    'engineer': {'LOGIN', 'VIEW', 'ACK', 'CONTROL', 'CONFIGURE', 'PLAN'},
    'admin': {'LOGIN', 'VIEW', 'ACK', 'CONTROL', 'CONFIGURE', 'PLAN', 'EXECUTE', 'ADMIN'},
}


# ---- rights ----

@pytest.mark.parametrize('method,pattern,right,handler', routes())
def test_route_needs_its_right(webd, tokens, method, pattern, right, handler):
    path = path_of(pattern)
    body = None if method == 'GET' else {}
    if right != 'OPEN':
        assert webd.client().request(method, path, body).status == 401
        assert Client(webd.port, token='bb_' + 'x' * 43).request(method, path, body).status == 401
    for role, rights in RIGHTS.items():
        if right == 'OPEN' or right in rights:
            continue
        a = webd.client(token=tokens[role]).request(method, path, body)
        assert (a.status, a.json['type']) == (403, '/problems/forbidden'), (role, a)


@pytest.mark.parametrize('method,pattern,right,handler', [r for r in routes() if r[0] != 'GET' and r[2] not in ('OPEN', 'LOCAL')])
def test_write_needs_csrf_header_and_own_origin(webd, method, pattern, right, handler):
    s, path = webd.session, path_of(pattern)
    for headers in ({'X-Busbar-CSRF': None}, {'X-Busbar-CSRF': 'x'}, {'Origin': 'http://evil.example'}, {'Sec-Fetch-Site': 'cross-site'}):
        a = s.request(method, path, {}, headers=headers)
        assert (a.status, a.json['type']) == (403, '/problems/csrf'), headers


def test_unknown_paths_and_methods(webd):
    assert webd.session.get('/nothing').status == 404
    assert webd.session.request('DELETE', '/alarms').status == 405
    c = http.client.HTTPConnection('127.0.0.1', webd.port)
    c.request('OPTIONS', '/api/v1/me')
    assert c.getresponse().status == 405
    c.close()


def test_local_socket_is_closed_to_other_users(webd):
    if os.geteuid() != 0:
        pytest.skip('needs root to become another user')
    code = 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); ' \
        's.sendall(b"GET /api/v1/devices HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); print(s.recv(200).decode().split("\\r\\n")[0])'
    sock = os.path.join(webd.dir, 'run/api.sock')
    p = subprocess.run(['/usr/bin/python3', '-c', code, sock], user=65534, group=65534, extra_groups=[], text=True, capture_output=True, check=True)
    assert ' 403 ' in p.stdout
    assert webd.local.get('/devices').status == 200


# ---- raw requests ----

def raw(port, text):
    with socket.create_connection(('127.0.0.1', port), timeout=10) as s:
        s.sendall(text)
        data = b''
        while b'\r\n\r\n' not in data:
            more = s.recv(4096)
            if not more:
                break
            data += more
    return data.split(b'\r\n', 1)[0].decode()


@pytest.mark.parametrize('request_text,status', [
    (b'GET /api/v1/me HTTP/1.1\r\nConnection: close\r\n\r\n', '421'),
    (b'GET /api/v1/me HTTP/1.1\r\nHost: evil.example\r\n\r\n', '421'),
    (b'GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'),
    (b'GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'),
    (b'GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'),
    (b'GET /a%0d%0aX:y HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'),
    (b'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n', '400'),
    (b'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n', '413'),
    (b'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}', '415'),
    (b'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]', '400'),
    (b'GET /' + b'a' * 20000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n', '400'),
])
def test_odd_requests_are_refused(webd, request_text, status):
    assert raw(webd.port, request_text).split(' ')[1] == status


def test_client_that_leaves_while_its_login_is_computed_hurts_nobody(webd):
    body = json.dumps({'user': 'nobody-%d' % os.getpid(), 'password': 'x'}).encode()
    for _ in range(3):
        with socket.create_connection(('127.0.0.1', webd.port)) as s:
            s.sendall(b'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
    assert webd.session.get('/me').status == 200


# ---- headers, files ----

def test_answers_carry_the_security_headers(webd):
    for a in (webd.session.get('/devices'), webd.client().file('/'), webd.client().get('/devices')):
        csp = a.headers['Content-Security-Policy']
        assert "default-src 'none'" in csp and "require-trusted-types-for 'script'" in csp and 'unsafe' not in csp
        assert a.headers['X-Content-Type-Options'] == 'nosniff' and a.headers['Referrer-Policy'] == 'no-referrer'
    assert webd.session.get('/devices').headers['Cache-Control'] == 'no-store'


def test_files_of_the_interface(webd):
    c = webd.client()
    index = c.file('/')
    assert index.body == b'<!doctype html>' and index.headers['Cache-Control'] == 'no-cache'
    assert c.file('/devices/17').body == index.body
    assert c.file('/', **{'If-None-Match': index.headers['ETag']}).status == 304
    js = c.file('/app-3FA9C2D1.js')
    assert js.body == b'let a' and 'immutable' in js.headers['Cache-Control'] and js.headers['Content-Type'].startswith('text/javascript')
    zipped = c.file('/app-3FA9C2D1.js', **{'Accept-Encoding': 'gzip'})
    assert zipped.body == b'zipped' and zipped.headers['Content-Encoding'] == 'gzip'
    assert c.file('/plain.css').headers['Cache-Control'] == 'no-cache'
    assert c.file('/none.js').status == 404
    assert c.file('/assets').body == index.body
    assert c.file('/out.txt').status == 404


# ---- logins ----

def test_every_refused_login_looks_the_same(webd):
    answers = [webd.client().post('/login', {'user': u, 'password': p}) for u, p in (('admin', 'wrong'), ('no-such-user', 'wrong'))]
    assert {a.status for a in answers} == {401}
    a, b = ({k: v for k, v in x.json.items() if k != 'request_id'} for x in answers)
    assert a == b


def test_guessing_is_slowed_down_but_not_for_a_known_address(webd):
    c = webd.client()
    statuses = [c.post('/login', {'user': 'guessed', 'password': 'x'}).status for _ in range(5)]
    assert 429 in statuses and statuses[0] == 401
    a = c.post('/login', {'user': 'guessed', 'password': 'x'})
    assert a.status == 429 and a.json['retry_after'] >= 1 and int(a.headers['Retry-After']) >= 1
    for _ in range(4):
        c.post('/login', {'user': 'admin', 'password': 'x'})
    a = wait_for('a free address', lambda: (lambda x: x if x.status != 429 else None)(c.login('admin', PASSWORD)))
    assert a.status == 200


def test_logout_ends_session_and_stream(webd):
    c = webd.client()
    wait_for('a login', lambda: c.login('admin', PASSWORD).status == 200)
    s = Stream(c, '/stream?topics=alarms')
    assert s.next()[1] == 'hello'
    assert c.post('/logout').status == 204
    assert s.until('bye', lambda e, d: e == 'bye')[2]['reason'] == 'login-ended'
    assert s.next() is None
    assert c.get('/me').status == 401


def test_password_change_ends_the_other_sessions(webd):
    c, other = webd.client(), webd.client()
    for x in (c, other):
        wait_for('a login', lambda x=x: x.login('admin', PASSWORD).status == 200)
    a = c.post('/me/password', {'old': PASSWORD, 'new': 'busbarbusbarbusbar'})
    assert a.status == 400 and a.json['errors'][0]['pointer'] == '/new'
    assert c.post('/me/password', {'old': 'no', 'new': 'a new and long one 17'}).status == 401
    a = c.post('/me/password', {'old': PASSWORD, 'new': 'a new and long one 17'})
    assert a.status == 200
    c.take_session(a)
    assert other.get('/me').status == 401 and webd.session.get('/me').status == 401
    assert webd.client().login('admin', PASSWORD).status == 401
    a = wait_for('the password back', lambda: (lambda x: x if x.status == 200 else None)(
        c.post('/me/password', {'old': 'a new and long one 17', 'new': PASSWORD})))
    c.take_session(a)
    webd.session.cookie, webd.session.csrf = c.cookie, c.csrf


def test_sessions_outlive_a_restart(webd):
    assert webd.stop() == 0
    webd.start()
    wait_for('the session again', lambda: webd.session.get('/me').status != 503)
    assert webd.session.get('/me').status == 200


def test_token_can_be_revoked(webd):
    a = webd.local.post('/tokens', {'name': 'short', 'role': 'viewer'})
    c = webd.client(token=a.json['token'])
    assert c.get('/devices').status == 200
    s = Stream(c, '/stream?topics=alarms')
    s.next()
    assert webd.local.request('DELETE', '/tokens/' + a.json['id'], {}).status == 204
    assert c.get('/devices').status == 401
    assert s.until('bye', lambda e, d: e == 'bye')[2]['reason'] == 'rights'


def test_no_secret_is_in_the_log(webd):
    log = webd.log()
    assert PASSWORD not in log and 'bb_' not in log


# ---- streams ----

def test_stream_needs_the_fetch_header_of_a_browser(webd):
    s = Stream(webd.session, '/stream?topics=alarms', headers={'Sec-Fetch-Site': 'cross-site'})
    assert s.status == 403
    s = Stream(webd.session, '/stream?topics=nothing')
    assert s.status == 400


def test_seventh_stream_is_refused(webd):
    streams = [Stream(webd.session, '/stream?topics=alarms') for _ in range(6)]
    assert {s.status for s in streams} == {200}
    assert Stream(webd.session, '/stream?topics=alarms').status == 429
    for s in streams:
        s.close()
    wait_for('room for a stream', lambda: Stream(webd.session, '/stream?topics=alarms').status == 200)


def test_stream_says_hello_summary_and_pings(webd):
    s = Stream(webd.session, '/stream?topics=summary,system')
    hello = s.next()
    assert hello[1] == 'hello' and hello[2]['topics'] == ['summary', 'system'] and not hello[2]['resumed']
    assert s.until('summary', lambda e, d: e == 'summary')[2]['database']['up']
    daemons = s.until('system', lambda e, d: e == 'system')[2]['daemons']
    assert {'alarmd', 'busd', 'shutdownd'} <= {d['name'] for d in daemons}
    assert s.until('ping', lambda e, d: e == 'ping')[2]['seq'] == hello[2]['seq']
    again = Stream(webd.session, '/stream?topics=alarms', last_id=hello[2]['seq'])
    assert again.next()[2]['resumed']
    old = Stream(webd.session, '/stream?topics=alarms', last_id='1-1')
    assert not old.next()[2]['resumed'] and old.next()[1] == 'reset'
    a = webd.session.request('PUT', '/stream/%s/topics' % hello[2]['stream_id'], {'topics': ['alarms', 'device:1']})
    assert a.status == 204
    assert webd.session.request('PUT', '/stream/0000/topics', {'topics': []}).status == 404
    for x in (s, again, old):
        x.close()


def test_stream_that_is_not_read_is_cut_off(webd):
    """Thousands of devices come and go while the client's window is shut; the others are not disturbed."""
    items = [{'key': 'cut/s%d/ups-%d' % (i % 9, i), 'address': '127.0.0.1', 'community': 'c'} for i in range(8000)]
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(('127.0.0.1', webd.port))
    lazy.sendall(b'GET /api/v1/stream?topics=devices HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nCookie: bb=%s\r\n\r\n'
                 % webd.session.cookie.encode())
    try:
        wait_for('the stream', lambda: webd.session.get('/system').json['streams'] > 0)
        for _ in range(40):
            assert webd.local.post('/devices:import', {'items': items, 'prune': True}).status == 200
            assert webd.local.post('/devices:import', {'items': [], 'prune': True}).json['removed'] == 8000
            if 'client_cut' in webd.log():
                break
        assert 'client_cut' in webd.log()
    finally:
        lazy.close()
    assert webd.session.get('/me').status == 200


def test_dump_is_readable(webd):
    path = os.path.join(webd.dir, 'run/webd.dump')
    webd.process.send_signal(signal.SIGUSR1)
    wait_for('the dump', lambda: os.path.exists(path) and 'daemon     webd' in open(path, encoding='utf-8').read())


# ---- events ----

def add_events(webd, n):
    webd.pg.sql("INSERT INTO events (site_id, at, journal_id, jseq, device_id, device, alarm_id, rule, kind, from_state, to_state, severity) "
                "SELECT 1, '2026-01-01T00:00:00Z'::timestamptz + (g / 3) * interval '1 s', '\\x00', g, 7, 'hh/ups-' || g %% 2, 'j-' || g, "
                "'on_battery', 'raise', 1, 2, 1 + g %% 3 FROM generate_series(1, %d) g" % n)


def all_pages(client, path):
    items, cursor = [], None
    while True:
        a = client.get(path + ('&cursor=' + cursor if cursor else ''))
        assert a.status == 200, a
        items += a.json['items']
        cursor = a.json['next']
        if not cursor:
            return items


def test_events_page_through_without_loss_or_repeat(webd):
    add_events(webd, 100)
    for sort, first in (('at', 1), ('-at', 100)):
        items = all_pages(webd.session, '/events?filter=since:2026-01-01T00:00:00Z;until:2026-01-02T00:00:00Z&limit=7&sort=' + sort)
        assert [i['jseq'] for i in items] == sorted(range(1, 101), reverse=sort == '-at') and items[0]['jseq'] == first
    items = all_pages(webd.session, '/events?filter=device:hh/ups-1;severity:critical,unknown;until:2026-01-02T00:00:00Z&limit=1000')
    assert items and all(i['device'] == 'hh/ups-1' and i['severity'] in ('critical', 'unknown') for i in items)
    assert set(items[0]) == {'jseq', 'at', 'device', 'device_id', 'rule', 'subject', 'kind', 'from', 'to', 'severity', 'user', 'comment', 'text',
                             'alarm_id', 'test', 'source', 'source_at', 'count', 'time_unsynced'}
    assert len(all_pages(webd.session, '/events?filter=site:hh;until:2026-01-02T00:00:00Z&limit=1000')) == 100


@pytest.mark.parametrize('query', ['filter=colour:red', 'filter=severity:worst', 'filter=since:yesterday', 'limit=0', 'limit=1001', 'limit=x', 'sort=text',
                                   'cursor=AAAA', 'nothing=1', "filter=device:x'--;kind:%27%3B"])
def test_bad_event_queries_are_named(webd, query):
    a = webd.session.get('/events?' + query)
    assert a.status in (200, 400)
    if not query.startswith("filter=device:x"):
        assert a.status == 400 and a.json['errors']


def test_series_query_checks_its_body(webd):
    ok = {'from': '2026-01-01T00:00:00Z', 'to': '2026-01-01T01:00:00Z', 'max_points': 100, 'series': [{'device': '1', 'point': 'ups.load'}]}
    a = webd.session.post('/series/query', ok)
    assert a.status == 200, a
    s = a.json['series'][0]
    assert s['t'] == [] and s['min'] == [] and s['unit'] == '%'
    for change in ({'max_points': 0}, {'from': ok['to']}, {'series': []}, {'series': [{'device': 'x', 'point': 'ups.load'}]},
                   {'series': [{'device': '1', 'point': 'no.such.point'}]}, {'aggregates': ['median']}, {'extra': 1}):
        assert webd.session.post('/series/query', dict(ok, **change)).status == 400, change


# ---- configuration ----

def test_device_life_with_versions_and_audit(webd):
    s = webd.session
    a = s.post('/devices', {'key': 'hh/x/ups-1', 'address': '127.0.0.9', 'community': 'SECRET-COMMUNITY'})
    assert a.status == 201, a
    ident = a.json['id']
    assert s.get('/devices?filter=key:hh/x/ups-1').json['items'][0]['id'] == ident
    assert {'hh', 'hh/x'} <= {g['key'] for g in s.get('/groups').json['items']}
    conf = s.get('/devices/%s/config' % ident)
    assert conf.json['has_community'] and 'SECRET' not in conf.body.decode()
    path = '/devices/%s/config' % ident
    assert s.request('PATCH', path, {'interval_s': 30}).status == 428
    a = s.request('PATCH', path, {'interval_s': 30}, headers={'If-Match': conf.headers['ETag']})
    assert a.status == 200, a
    assert s.request('PATCH', path, {'interval_s': 31}, headers={'If-Match': conf.headers['ETag']}).status == 412
    assert s.request('PATCH', path, {'key': 'hh/x/ups-2'}, headers={'If-Match': '*'}).json == {'id': ident, 'key': 'hh/x/ups-2'}
    assert s.get('/devices/' + ident).json['key'] == 'hh/x/ups-2'
    assert s.post('/devices', {'key': 'hh/x/ups-2', 'address': '127.0.0.9', 'community': 'c'}).status == 409
    for bad in ({'address': 'name.example'}, {'profile': 'none-such'}, {'profile': '../x'}, {'collector': 'collect-none'}, {'version': '4'},
                {'port': 70000}, {'interval_s': 0}):
        a = s.request('PATCH', path, bad, headers={'If-Match': '*'})
        assert a.status == 400 and a.json['errors'][0]['pointer'] == '/' + list(bad)[0], bad
    assert s.request('DELETE', '/devices/' + ident, {}).status == 204
    assert s.get('/devices/' + ident).status == 404
    assert s.request('DELETE', '/devices/' + ident, {}).status == 404
    audit = webd.pg.sql("SELECT string_agg(action || ' ' || user_name || ' ' || source, ',' ORDER BY audit_id) FROM audit WHERE object LIKE 'hh/x/%'")
    assert audit == 'device.set admin web,device.rename admin web,device.remove admin web'
    assert 'SECRET' not in webd.pg.sql('SELECT string_agg(device::text, chr(10)) FROM device')
    assert 'SECRET' not in webd.pg.sql('SELECT string_agg(audit::text, chr(10)) FROM audit')
    assert webd.pg.sql("SELECT count(*) FROM device WHERE key = 'hh/x/ups-2' AND removed_at IS NOT NULL") == '1'


V3 = {'version': '3', 'v3_user': 'ops', 'v3_auth': 'sha256', 'v3_priv': 'AES', 'v3_auth_password': 'GEHEIM-AUTH', 'v3_priv_password': 'GEHEIM-PRIV'}


@pytest.mark.parametrize('change,field', [
    ({'v3_auth_password': 'short'}, 'v3_auth_password'), ({'v3_priv_password': '1234567'}, 'v3_priv_password'), ({'v3_auth': 'SHA-3'}, 'v3_auth'),
    ({'v3_priv': 'ROT13'}, 'v3_priv'), ({'v3_auth': ''}, 'v3_auth'), ({'v3_user': ''}, 'v3_user'), ({'v3_user': 33 * 'u'}, 'v3_user'),
    ({'v3_engine_id': '8000'}, 'v3_engine_id'), ({'v3_auth_password': ''}, 'v3_auth_password')])
def test_unusable_snmpv3_settings_name_their_field(webd, change, field):
    a = webd.session.post('/devices', {'key': 'hh/v3/bad', 'address': '127.0.0.9', **V3, **change})
    assert a.status == 400 and a.json['errors'][0]['pointer'] == '/' + field, a
    if 'assword' in field and list(change.values())[0]:
        assert '8 characters' in a.json['errors'][0]['detail'], a


def test_snmpv3_device_keeps_its_passwords_sealed_and_its_level_honest(webd):
    s = webd.session
    a = s.post('/devices', {'key': 'hh/v3/1', 'address': '127.0.0.9', **V3})
    assert a.status == 201, a
    path = '/devices/%s/config' % a.json['id']
    conf = s.get(path).json
    assert (conf['v3_auth'], conf['v3_priv'], conf['has_v3_priv_password'], conf['has_community']) == ('SHA-256', 'AES-128', True, False)
    for what in ("SELECT string_agg(device::text, chr(10)) FROM device", "SELECT string_agg(audit::text, chr(10)) FROM audit"):
        text = webd.pg.sql(what)
        assert 'GEHEIM' not in text and b'GEHEIM'.hex() not in text
    ok = lambda body: s.request('PATCH', path, body, headers={'If-Match': '*'})
    assert ok({'v3_auth': 'SHA-512', 'v3_engine_id': '80001F888001020304'}).status == 200
    assert s.get(path).json['v3_engine_id'] == '80001f888001020304'
    # One password alone leaves encryption without its own: refused, and nothing changed.
    a = ok({'v3_auth_password': 'another one'})
    assert a.status == 409 and 'v3_priv_password' in a.json['detail'], a
    assert ok({'v3_auth_password': 'another one', 'v3_priv': ''}).status == 200
    assert ok({'v3_priv': 'AES-256'}).status == 409
    assert ok({'version': '2c'}).status == 409
    a = s.post('/devices', {'key': 'hh/v3/2', 'address': '127.0.0.9', 'version': '3', 'v3_user': 'ops', 'v3_auth': 'SHA'})
    assert a.status == 409 and 'v3_auth_password' in a.json['detail'], a
    s.request('DELETE', path[:-len('/config')], {})


def test_views_are_their_owners_unless_shared(webd):
    def client_of(role):
        a = webd.local.post('/tokens', {'name': 'views-' + role, 'role': role})
        webd.pg.sql("WITH u AS (INSERT INTO users (name, password_hash, role) VALUES ('v-%s', 'x', '%s') RETURNING user_id) "
                        "UPDATE api_token SET user_id = u.user_id FROM u WHERE token_id = %s" % (role, role, a.json['id']))
        c = webd.client(token=a.json['token'])
        wait_for('known as v-' + role, lambda: c.get('/me').json.get('user') == 'v-' + role)
        return c

    mine, theirs, looking = (client_of(r) for r in ('operator', 'engineer', 'viewer'))

    def names(client):
        return [(v['name'], v['mine'], v['default']) for v in client.get('/views').json['items'] if v['name'].startswith('t ')]

    view = {'screen': 'alarms', 'name': 't worst', 'query': 'severity=critical&q=a%22%3Cscript%3E', 'shared': False}
    first = mine.post('/views', view)
    assert first.status == 201
    assert (names(mine), names(theirs)) == ([('t worst', True, False)], [])
    again = mine.post('/views', dict(view, query='q=b'))
    assert (again.status, again.json['type']) == (409, '/problems/conflict')
    assert theirs.post('/views', view).status == 201, 'another may use the same name'
    assert mine.post('/views', dict(view, shared=True, replace=True)).json['id'] == first.json['id']
    assert names(theirs) == [('t worst', True, False), ('t worst', False, False)]
    path = '/views/' + first.json['id']
    for client in (theirs, looking):
        assert client.request('DELETE', path, {}).status == 404, 'only its owner removes it, or an admin'
    assert looking.post('/views', dict(view, shared=True)).status == 403
    assert looking.request('PUT', '/views/default', {'screen': 'log', 'id': first.json['id']}).status == 404
    assert looking.request('PUT', '/views/default', {'screen': 'alarms', 'id': first.json['id']}).status == 204
    assert names(looking) == [('t worst', False, True)]
    assert mine.post('/views', dict(view, replace=True)).status == 201
    assert names(looking) == [], 'what is not shared any more begins nobody else\'s list'
    for change in ({'screen': 'kpis'}, {'query': '?x'}, {'query': 'a b'}, {'name': ''}, {'query': 'a' * 2001}, {'owner': 'x'}):
        assert mine.post('/views', dict(view, replace=True, **change)).status == 400, change
    assert mine.request('DELETE', path, {}).status == 204
    assert names(mine) == []


def test_settings_seal_secrets(webd):
    s = webd.session
    assert s.request('PUT', '/settings/smtp.host', {'value': 'mail.example.org'}).status == 204
    assert s.request('PUT', '/settings/smtp.password', {'value': 'GEHEIM-WORT'}).status == 204
    assert s.request('PUT', '/settings/no.such', {'value': 'x'}).status == 404
    a = s.get('/settings')
    assert {'name': 'smtp.password', 'value': None, 'secret': True} in a.json['items'] and 'GEHEIM' not in a.body.decode()
    assert 'GEHEIM' not in webd.pg.sql('SELECT string_agg(setting::text, chr(10)) FROM setting')
    assert s.request('PUT', '/settings/smtp.host', {'value': None}).status == 204
    assert 'smtp.host' not in s.get('/settings').body.decode()


@pytest.mark.parametrize('address', ['x', 'a b@c', 'a@b@c', '@c', 'a@', 'a@b\r\nBcc: x', 'a@b,c@d'])
def test_odd_mail_addresses_are_refused(webd, address):
    assert webd.session.post('/recipients', {'name': 'n', 'address': address}).status == 400


# ---- start-up ----

def test_first_password_is_there_once_and_only_for_changing(webd):
    w = Webd(postgres=None)
    try:
        w.start()
        first = w.first_password()
        path = os.path.join(w.dir, 'run/first-password')
        assert os.stat(path).st_mode & 0o777 == 0o600
        c = w.client()
        a = c.login('admin', first)
        assert a.status == 200 and a.json['must_change'] and a.json['rights'] == []
        for method, pattern, right, _ in routes():
            if right in ('OPEN', 'LOGIN'):
                continue
            a = c.request(method, path_of(pattern), None if method == 'GET' else {})
            assert (a.status, a.json['type']) == (403, '/problems/password-change-required'), pattern
        # a restart within the hour keeps it
        w.stop()
        w.start_known()
        assert w.first_password() == first
        assert w.client().login('admin', first).status == 200
        assert c.post('/me/password', {'old': first, 'new': PASSWORD}).status == 200
        assert not os.path.exists(path)
        assert w.client().login('admin', first).status == 401
    finally:
        w.close()


def test_one_time_password_ends_after_its_hour_and_the_next_start_makes_another():
    w = Webd()
    try:
        w.start()
        first = w.first_password()
        w.stop()
        subprocess.run(['sqlite3', os.path.join(w.dir, 'lib/webd/webd.db'), 'UPDATE one_time SET until = until - 3601'], check=True)
        w.start_known()
        second = wait_for('another password', lambda: (lambda p: p if p and p != first else None)(w.first_password()))
        assert w.client().login('admin', first).status == 401
        assert w.client().login('admin', second).status == 200
    finally:
        w.close()


def sentence_of(w, env=None):
    p = subprocess.run([program('webd'), '--dir', w.dir], env=dict(w.env, **(env or {})), capture_output=True, text=True, timeout=30, check=False)
    assert p.returncode == 1
    fatal = [line for line in p.stderr.splitlines() if ' fatal ' in line]
    assert len(fatal) == 1, p.stderr
    return fatal[0]


def test_taken_port_and_foreign_address_get_one_clear_sentence(webd):
    w = Webd(postgres=webd.pg, migrate=False)
    try:
        line = sentence_of(w, {'BUSBAR_LISTEN': '127.0.0.1:%d' % webd.port})
        assert str(webd.port) in line and 'listen' in line and '--http' in line
        line = sentence_of(w, {'BUSBAR_LISTEN': '0.0.0.0:%d' % webd.port})
        assert 'TLS' in line and '127.0.0.1' in line
    finally:
        w.close()


def test_too_old_schema_is_said_and_nothing_else_breaks():
    w = Webd(migrate=False)
    try:
        w.start()
        wait_for('the complaint', lambda: 'busbarctl migrate' in json.dumps(w.local.get('/system').json))
        assert w.local.get('/devices').status == 200
        assert w.local.post('/devices', {'key': 'a', 'address': '127.0.0.1', 'community': 'c'}).status in (400, 503)
    finally:
        w.close()


def test_socket_of_the_service_manager_is_used(webd):
    w = Webd(postgres=webd.pg, migrate=False)
    try:
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            s.listen(5)
            port = s.getsockname()[1]
            code = 'import os,sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); os.environ["LISTEN_FDS"]="1"; ' \
                'os.environ["LISTEN_PID"]=str(os.getpid()); os.execv(sys.argv[2], sys.argv[2:])'
            with open(os.path.join(w.dir, 'log/webd.log'), 'ab') as log:
                w.process = subprocess.Popen(['/usr/bin/python3', '-c', code, str(s.fileno()), program('webd'), '--dir', w.dir], env=w.env,
                                             pass_fds=[s.fileno()], stdout=log, stderr=log)
        wait_for('an answer on the given socket', lambda: 'http_listen' in w.log())
        assert Client(port).get('/me').status in (401, 503)
    finally:
        w.close()


# ---- without the database (last: it stops the server) ----

def test_without_postgresql_live_things_go_on(webd):
    webd.pg.stop(signal.SIGQUIT)
    wait_for('webd notices', lambda: not webd.session.get('/system').json['database']['up'])
    for path in ('/devices', '/alarms', '/groups', '/summary', '/system', '/me', '/metrics'):
        assert webd.session.get(path).status == 200, path
    for method, path, body in (('GET', '/events', None), ('GET', '/settings', None), ('GET', '/plans', None),
                               ('POST', '/recipients', {'name': 'n', 'address': 'a@b'}),
                               ('POST', '/series/query', {'from': '2026-01-01T00:00:00Z', 'to': '2026-01-02T00:00:00Z', 'max_points': 9,
                                                          'series': [{'device': '1', 'point': 'ups.load'}]})):
        a = webd.session.request(method, path, body)
        assert (a.status, a.json['type']) == (503, '/problems/unavailable'), path
    c = webd.client()
    wait_for('a login without PostgreSQL', lambda: c.login('admin', PASSWORD).status == 200)
    webd.pg.start()
    wait_for('webd finds PostgreSQL again', lambda: webd.session.get('/events').status == 200 and webd.session.get('/settings').status == 200)
