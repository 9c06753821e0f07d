import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { codingFor } from '../../src/master/http/pages.ts';
import { startMaster } from '../fakes/master.ts';

/** All of the page together, before compression. */
const mostBytes = 180_000;
const policy =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const names = ['', 'index.html', 'page.js', 'page.css'];

interface Got {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: Buffer;
}

/** As it is on the wire: `fetch` would unpack it. */
function get(url: string, headers: Record<string, string> = {}): Promise<Got> {
	return new Promise((resolve, reject) => {
		request(url, { headers }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () =>
				resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
			);
		})
			.on('error', reject)
			.end();
	});
}

test(`it is at most ${mostBytes} bytes, and the same in every coding`, async (t) => {
	const { url } = await startMaster(t);
	let bytes = 0;
	for (const name of names.slice(1)) {
		const plain = await get(`${url}/${name}`);
		const br = await get(`${url}/${name}`, { 'Accept-Encoding': 'gzip, deflate, br, zstd' });
		const gzip = await get(`${url}/${name}`, { 'Accept-Encoding': 'gzip, deflate' });
		bytes += plain.body.length;
		assert.deepEqual(
			[plain, br, gzip].map(({ headers }) => headers['content-encoding']),
			[undefined, 'br', 'gzip'],
		);
		assert.ok(brotliDecompressSync(br.body).equals(plain.body), name);
		assert.ok(gunzipSync(gzip.body).equals(plain.body), name);
	}
	assert.ok(bytes <= mostBytes, `${bytes} bytes`);
	t.diagnostic(`${bytes} bytes`);
});

test('it needs no token, lets nothing foreign in, and is asked for again only when it has changed', async (t) => {
	const { url } = await startMaster(t, { apiToken: 'a-token-of-32-characters-at-least' });
	for (const name of names) {
		const { status, headers } = await get(`${url}/${name}`);
		assert.equal(status, 200);
		assert.equal(headers['content-security-policy'], policy);
		assert.equal(headers['x-content-type-options'], 'nosniff');
		assert.equal(headers['referrer-policy'], 'no-referrer');
		assert.equal(headers['cache-control'], 'no-cache');
		assert.match(String(headers['content-type']), /^text\/(html|javascript|css); charset=utf-8$/);
		const again = await get(`${url}/${name}`, { 'If-None-Match': String(headers.etag) });
		assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, headers.etag]);
		assert.equal((await get(`${url}/${name}`, { 'If-None-Match': '"other"' })).status, 200);
	}
});

test('it has nothing inline and names no other host', async (t) => {
	const { url } = await startMaster(t);
	const html = (await get(`${url}/`)).body.toString();
	assert.doesNotMatch(html, /<script(?![^>]*src="page\.js")|<style|\sstyle=|\son\w+=/i);
	assert.deepEqual(
		[...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to!.slice(0, 10)),
		['data:image', 'page.css', 'page.js'],
	);
	const all = `${html}${(await get(`${url}/page.js`)).body}${(await get(`${url}/page.css`)).body}`;
	assert.deepEqual([...new Set(all.match(/\bhttps?:\/\/[\w.-]+/g))], ['http://www.w3.org']);
});

test('it works below a path, with and without the slash at its end', async (t) => {
	const { url } = await startMaster(t, { basePath: '/net/mon' });
	const found = await get(`${url}/net/mon`);
	assert.deepEqual([found.status, found.headers.location], [308, '/net/mon/']);
	assert.equal((await get(`${url}/net/mon/`)).status, 200);
	assert.equal((await get(`${url}/net/mon/page.js`)).status, 200);
	assert.equal((await get(`${url}/page.js`)).status, 404);
});

test('it takes the best coding that a browser names, and none that it refuses', () => {
	for (const [accepted, coding] of [
		[undefined, 'identity'],
		['', 'identity'],
		['gzip', 'gzip'],
		['GZIP, BR', 'br'],
		['br;q=0, gzip;q=0.5', 'gzip'],
		['br;q=0.0,gzip;q=0', 'identity'],
		['brotli, gzipped', 'identity'],
	] as const) {
		assert.equal(codingFor(accepted), coding, accepted);
	}
});
