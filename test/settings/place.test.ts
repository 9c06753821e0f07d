import assert from 'node:assert/strict';
import { test } from 'node:test';
import { broadcastTarget, certificate, controller, endpoint, host, withoutSecrets } from '../../src/settings/place.ts';

test('it takes the controller in every form that users write', () => {
	const forms: readonly (readonly [text: string, expected: object])[] = [
		['ws://127.0.0.1:9090/connections', { kind: 'tcp', host: '127.0.0.1', port: 9090, url: 'ws://127.0.0.1:9090' }],
		['ws://127.0.0.1:9090', { kind: 'tcp', port: 9090, url: 'ws://127.0.0.1:9090' }],
		['http://router:9090/', { kind: 'tcp', host: 'router', basePath: '', url: 'http://router:9090' }],
		['http://router', { kind: 'tcp', port: 80, url: 'http://router' }],
		['wss://clash.example/connections/', { kind: 'tls', port: 443, basePath: '', url: 'wss://clash.example' }],
		[
			'https://h:9443/proxy/clash/connections',
			{ kind: 'tls', basePath: '/proxy/clash', url: 'https://h:9443/proxy/clash' },
		],
		['https://h/proxy/clash', { basePath: '/proxy/clash' }],
		['ws://[::1]:9090/connections', { host: '::1', port: 9090, url: 'ws://[::1]:9090' }],
		['ws://h:1/connections?token=a%20b&x=1', { token: 'a b', url: 'ws://h:1' }],
		['ws://h:1?token=', { token: null }],
		[
			'unix:/var/run/mihomo.sock',
			{ kind: 'unix', socketPath: '/var/run/mihomo.sock', url: 'unix:/var/run/mihomo.sock' },
		],
		[
			'unix:///a b/c?token=t',
			{ kind: 'unix', socketPath: '/a b/c', token: 't', url: 'unix:/a b/c', host: '', port: 0 },
		],
	];
	for (const [text, expected] of forms) {
		const made = controller.parse(text);
		assert.deepEqual({ ...made, ...expected }, made, text);
	}
});

test('it refuses controllers that it could not ask', () => {
	const texts = [
		'127.0.0.1:9090',
		'ftp://h/',
		'ws:/h',
		'ws://',
		'ws://h:0',
		'ws://h:65536',
		'ws://h:x',
		'ws://u@h',
		'ws://u:p@h',
	];
	const more = [
		'unix:relative',
		'unix:',
		'unix:/a\0b',
		'ws://h?token=%00',
		'ws://h?token=a%0ab',
		'ws://a b',
		'__proto__://h',
		'',
	];
	for (const text of [...texts, ...more]) assert.equal(controller.parse(text), undefined, text);
});

test('it takes the base of an HTTP server', () => {
	assert.deepEqual(endpoint.parse('http://192.168.1.1/cgi-bin/luci/'), {
		kind: 'tcp',
		host: '192.168.1.1',
		port: 80,
		basePath: '/cgi-bin/luci',
		url: 'http://192.168.1.1/cgi-bin/luci',
	});
	assert.deepEqual(endpoint.parse('https://[fd00::1]:8443'), {
		kind: 'tls',
		host: 'fd00::1',
		port: 8443,
		basePath: '',
		url: 'https://[fd00::1]:8443',
	});
	for (const text of ['ws://h', 'h', 'http://u:p@h', 'http:///x', 'unix:/x'])
		assert.equal(endpoint.parse(text), undefined, text);
});

test('it shows a wrong URL without what may be secret in it', () => {
	assert.equal(withoutSecrets('ws://h:1/connections?token=abc'), 'ws://h:1/connections?***');
	assert.equal(withoutSecrets('http://user:p@ss@h/'), 'http://***@h/');
	assert.equal(withoutSecrets('user:pass@h\n?x'), '***@h\n?***');
	assert.equal(withoutSecrets('h#token=abc'), 'h#***');
	assert.equal(withoutSecrets('router:9090'), 'router:9090');
});

test('it takes hosts, IPv6 with or without brackets', () => {
	assert.deepEqual(['router', 'a-b.c_d.', '10.0.0.1', '::1', '[::1]'].map(host.parse), [
		'router',
		'a-b.c_d.',
		'10.0.0.1',
		'::1',
		'::1',
	]);
	for (const text of ['h:1', 'http://h', 'a b', '-a', 'a..b', '[h]', 'a/b', 'a@b', ''])
		assert.equal(host.parse(text), undefined, text);
	assert.equal(host.parse('a'.repeat(100_000)), undefined);
});

test('it takes UDP targets with the port of their format', () => {
	// What becomes of each is told by test/system/target.test.ts; here, that the setting takes it.
	for (const text of ['lan', 'eth0.2:18000', 'old:192.168.1.255', '239.1.2.3:5']) {
		assert.equal(broadcastTarget.parse(text)?.text, text);
	}
	for (const text of [
		'lan:0',
		'lan:65536',
		'lan:x',
		'256.1.1.1',
		'1.2.3',
		'old:',
		':1',
		'an-interface-too-long',
		'a b',
		'old:old:lan',
	]) {
		assert.equal(broadcastTarget.parse(text), undefined, text);
	}
});

test('it takes a fingerprint with and without colons, and any', () => {
	const hex = 'ab'.repeat(32);
	const rule = { fingerprint: Array(32).fill('AB').join(':') };
	assert.deepEqual(certificate.parse(hex), rule);
	assert.deepEqual(certificate.parse(rule.fingerprint.toLowerCase()), rule);
	assert.equal(certificate.parse('any'), 'any');
	for (const text of ['sha1', hex.slice(1), `${hex}0`]) assert.equal(certificate.parse(text), undefined, text);
});
