import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedHost } from '../../src/sinks/connectionrecord.ts';

test('it knows what of a host name somebody registered', () => {
	for (const [host, domain] of [
		['example.com', 'example.com'],
		['a.b.example.com', 'example.com'],
		['a.example.com.', 'example.com'],
		['www.bbc.co.uk', 'bbc.co.uk'],
		['co.uk', 'co.uk'],
		['secret.abc.de', 'abc.de'],
		['a.b.example.de', 'example.de'],
		['www.name.com.cn', 'name.com.cn'],
		['localhost', 'localhost'],
		['192.0.2.7', '192.0.2.7'],
		['2001:db8::1', '2001:db8::1'],
		['', ''],
	] as const) {
		assert.equal(recordedHost(host, 'domain'), domain);
		assert.equal(recordedHost(host, 'none'), '');
		assert.equal(recordedHost(host, 'full'), host);
	}
});
