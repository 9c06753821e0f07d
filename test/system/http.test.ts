import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type CertificateRule, parseCertificateRule, parseFingerprint } from '../../src/system/certificate.ts';
import { systemClock } from '../../src/system/clock.ts';
import { HttpClient, request } from '../../src/system/http.ts';
import { asHttpError, HttpError } from '../../src/system/httperror.ts';
import { certificate, fingerprint, key } from '../fakes/certificate.ts';
import { FakeClock } from '../fakes/clock.ts';

const opened: { close(): void }[] = [];
after(() => {
	for (const one of opened) one.close();
});

async function listen<S extends NetServer>(server: S, path?: string): Promise<S> {
	await new Promise<void>((resolve) => (path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)));
	opened.push(server);
	return server;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const serve = (handler: Handler) => listen(createServer(handler));
const urlOf = (server: Server | NetServer, path = '/', scheme = 'http') =>
	new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

function client(tls: CertificateRule = null, clock = systemClock): HttpClient {
	const made = new HttpClient({ clock, tls });
	opened.push(made);
	return made;
}

async function failure(promise: Promise<unknown>): Promise<HttpError> {
	const error = await promise.then(
		() => assert.fail('it answered'),
		(error: unknown) => error,
	);
	assert(error instanceof HttpError, String(error));
	return error;
}

test('it sends method, headers and body and gives back status, headers and body', async () => {
	const server = await serve((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk) => chunks.push(chunk));
		request.on('end', () => {
			response.writeHead(207, { 'Set-Cookie': ['a=1', 'b=2'] });
			const { method, url, headers } = request;
			response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
		});
	});
	const url = urlOf(server, '/a/b?c=d');
	const answer = await client().request({ url, method: 'POST', headers: { 'X-A': '1' }, body: 'ü', timeoutMs: 5000 });
	const told = JSON.parse(answer.body.toString());
	assert.equal(answer.status, 207);
	assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
	assert.equal(told.method, 'POST');
	assert.equal(told.url, '/a/b?c=d');
	assert.equal(told.body, 'ü');
	assert.equal(told.headers['x-a'], '1');
	assert.equal(told.headers.host, url.host);
	assert.equal(told.headers['content-length'], '2');
});

test('it keeps one connection and has one request in flight', async () => {
	const sockets = new Set<unknown>();
	let inFlight = 0;
	let most = 0;
	const server = await serve((request, response) => {
		sockets.add(request.socket);
		most = Math.max(most, ++inFlight);
		setImmediate(() => {
			inFlight -= 1;
			response.end('x');
		});
	});
	const one = client();
	await Promise.all(Array.from({ length: 10 }, () => one.request({ url: urlOf(server), timeoutMs: 5000 })));
	assert.equal(most, 1);
	assert.equal(sockets.size, 1);
});

test('it sends once more when the kept connection was closed meanwhile', async () => {
	let requests = 0;
	const server = await serve((request, response) => {
		requests += 1;
		// Keeps the first connection, then drops it at the second request without a word.
		if (requests === 2) request.socket.destroy();
		else response.end('x');
	});
	const one = client();
	await one.request({ url: urlOf(server), timeoutMs: 5000 });
	assert.equal((await one.request({ url: urlOf(server), timeoutMs: 5000 })).status, 200);
	assert.equal(requests, 3);
});

test('it does not send again on a new connection that is dropped', async () => {
	let requests = 0;
	const server = await serve((request) => {
		requests += 1;
		request.socket.destroy();
	});
	assert.equal((await failure(client().request({ url: urlOf(server), timeoutMs: 5000 }))).code, 'reset');
	assert.equal(requests, 1);
});

test('it ends a silent exchange at the timeout of its clock', async () => {
	let heard = () => {};
	const request = new Promise<void>((resolve) => {
		heard = resolve;
	});
	const server = await serve(() => heard());
	const clock = new FakeClock();
	const error = failure(client(null, clock).request({ url: urlOf(server, '/;stok=secret/'), timeoutMs: 3000 }));
	await request;
	await clock.advance(3000);
	assert.equal((await error).code, 'timeout');
	assert.match((await error).message, /did not answer within 3 s/);
	assert.doesNotMatch((await error).message, /secret/);
	assert.equal(clock.pending, 0);
});

test('it times out a TLS handshake that never ends', async () => {
	let heard = () => {};
	const connection = new Promise<void>((resolve) => {
		heard = resolve;
	});
	let closed = () => {};
	const ended = new Promise<void>((resolve) => {
		closed = resolve;
	});
	const server = await listen(
		createTcpServer((socket) => {
			socket.on('data', () => heard());
			socket.on('close', () => closed());
		}),
	);
	const clock = new FakeClock();
	const one = client('any', clock);
	const error = failure(one.request({ url: urlOf(server, '/', 'https'), timeoutMs: 1000 }));
	await connection;
	await clock.advance(1000);
	assert.equal((await error).code, 'timeout');
	await ended;
});

test('it tells the time of the first byte of the answer, not of the last', async () => {
	const clock = new FakeClock();
	let asked = 0;
	const watched = { ...clock, mono: () => [clock.mono(), ++asked][0]! };
	let rest = () => {};
	const server = await listen(
		createTcpServer((socket) => {
			socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-'));
			rest = () => socket.write('Length: 2\r\n\r\nok');
		}),
	);
	const answer = client(null, watched).request({ url: urlOf(server), timeoutMs: 60_000 });
	// The clock is read when the first byte comes.
	while (asked < 1) await clock.advance(0);
	await clock.advance(40);
	rest();
	const { firstByteMono, body } = await answer;
	assert.equal(body.toString(), 'ok');
	assert.equal(firstByteMono, 0);
});

test('it refuses answers over the limit, told or chunked', async () => {
	for (const head of [{}, { 'Content-Length': '5000' }]) {
		const server = await serve((_, response) => {
			response.writeHead(200, head);
			response.end('x'.repeat(5000));
		});
		const ask = (maxBytes: number) => client().request({ url: urlOf(server), timeoutMs: 5000, maxBytes });
		assert.equal((await failure(ask(4999))).code, 'too-large');
		assert.equal((await ask(5000)).body.length, 5000);
	}
});

test('it tells an answer that breaks off from one that ends', async () => {
	for (const text of [
		'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
		'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
		'HTTP/1.1 200',
	]) {
		const server = await listen(createTcpServer((socket) => socket.once('data', () => socket.end(text))));
		const { code } = await failure(client().request({ url: urlOf(server), timeoutMs: 5000 }));
		assert.equal(code, 'reset', text);
	}
});

test('it names what went wrong', async () => {
	const closed = await listen(createTcpServer());
	const gone = urlOf(closed);
	await new Promise((resolve) => closed.close(resolve));
	assert.equal((await failure(client().request({ url: gone, timeoutMs: 5000 }))).code, 'refused');
	const noHttp = await listen(createTcpServer((socket) => socket.end('SSH-2.0-dropbear\r\n')));
	assert.equal((await failure(client().request({ url: urlOf(noHttp), timeoutMs: 5000 }))).code, 'protocol');
	const plain = await serve((_, response) => response.end());
	const noTls = await failure(client().request({ url: urlOf(plain, '/', 'https'), timeoutMs: 5000 }));
	assert.match(noTls.code, /^(tls|reset)$/);
	const bad = { url: gone, headers: { 'X-A': 'line\nbreak' }, timeoutMs: 5000 };
	assert.equal((await failure(client().request(bad))).code, 'protocol');
	const nodeSays = (code: string) => asHttpError(Object.assign(new Error('x'), { code }), 'router').code;
	assert.equal(nodeSays('ENOTFOUND'), 'name');
	assert.equal(nodeSays('EHOSTUNREACH'), 'unreachable');
	assert.equal(nodeSays('ECONNRESET'), 'reset');
	assert.equal(nodeSays('EWHATEVER'), 'failed');
});

test('it follows no redirect', async () => {
	const server = await serve((_, response) => response.writeHead(307, { Location: '/there' }).end());
	const { status, headers } = await client().request({ url: urlOf(server), timeoutMs: 5000 });
	assert.deepEqual([status, headers.location], [307, '/there']);
});

test('it stops by signal and by close', async () => {
	const server = await serve(() => {});
	const abort = new AbortController();
	const one = failure(client().request({ url: urlOf(server), timeoutMs: 60_000, signal: abort.signal }));
	abort.abort();
	assert.equal((await one).code, 'stopped');
	const closing = client();
	const two = failure(closing.request({ url: urlOf(server), timeoutMs: 60_000 }));
	closing.close();
	closing.close();
	assert.equal((await two).code, 'stopped');
	assert.equal((await failure(closing.request({ url: urlOf(server), timeoutMs: 1 }))).code, 'stopped');
});

test('it speaks on a unix socket', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-http-'));
	try {
		const socketPath = join(folder, 's');
		await listen(
			createServer((request, response) => response.end(request.url)),
			socketPath,
		);
		const { body } = await request({ url: { socketPath, path: '/x?y' }, timeoutMs: 5000, clock: systemClock });
		assert.equal(body.toString(), '/x?y');
		const missing = { socketPath: join(folder, 'none'), path: '/' };
		assert.equal((await failure(request({ url: missing, timeoutMs: 5000, clock: systemClock }))).code, 'refused');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('it judges the certificate before it sends anything, and tells the fingerprint it saw', async () => {
	let requests = 0;
	const server = createTlsServer({ cert: certificate, key }, (_, response) => {
		requests += 1;
		response.end('ok');
	});
	await listen(server);
	const ask = (tls: CertificateRule) =>
		client(tls).request({ url: urlOf(server, '/', 'https'), method: 'POST', body: 'password', timeoutMs: 5000 });
	const unknown = await failure(ask(null));
	assert.deepEqual([unknown.code, unknown.fingerprint], ['certificate', fingerprint]);
	const other = await failure(ask({ fingerprint: fingerprint.replaceAll('A', 'B') }));
	assert.deepEqual([other.code, other.fingerprint], ['certificate', fingerprint]);
	assert.equal(requests, 0);
	assert.equal((await ask({ fingerprint })).body.toString(), 'ok');
	assert.equal((await ask('any')).body.toString(), 'ok');
});

test('it keeps a TLS connection', async () => {
	const sockets = new Set<unknown>();
	const server = createTlsServer({ cert: certificate, key }, (request, response) => {
		sockets.add(request.socket);
		response.end('ok');
	});
	await listen(server);
	const one = client({ fingerprint });
	for (let i = 0; i < 3; i++) await one.request({ url: urlOf(server, '/', 'https'), timeoutMs: 5000 });
	assert.equal(sockets.size, 1);
});

test('it reads fingerprints as people copy them', () => {
	const plain = fingerprint.replaceAll(':', '');
	for (const text of [
		fingerprint,
		plain,
		plain.toLowerCase(),
		`sha256 Fingerprint=${fingerprint}`,
		`SHA-256:${plain}`,
	]) {
		assert.equal(parseFingerprint(text), fingerprint, text);
	}
	for (const text of ['', 'any', plain.slice(1), `${plain}0`]) assert.equal(parseFingerprint(text), null, text);
	assert.equal(parseCertificateRule(''), null);
	assert.equal(parseCertificateRule('any'), 'any');
	assert.deepEqual(parseCertificateRule(plain), { fingerprint });
	assert.equal(parseCertificateRule('true'), undefined);
});
