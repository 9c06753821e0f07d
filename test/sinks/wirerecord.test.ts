import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../src/record.ts';
import { registrable } from '../../src/sinks/hostname.ts';
import { wireRecord } from '../../src/sinks/wirerecord.ts';

const connection: Connection = {
	id: 'c1',
	start: '2026-03-01T13:00:41.204518312+01:00',
	chains: ['Amsterdam 2', 'Auto', 'Proxy'],
	rule: 'Domain',
	rulePayload: 'www.video.example.co.uk',
	network: 'tcp',
	type: 'TProxy',
	sourceIP: '192.168.1.23',
	sourcePort: '51822',
	sourceGeoIP: null,
	sourceIPASN: '',
	destinationIP: '203.0.113.9',
	destinationPort: '443',
	destinationGeoIP: ['nl'],
	destinationIPASN: '64500 Example',
	inboundIP: '192.168.1.1',
	inboundPort: '7895',
	inboundName: 'DEFAULT-TPROXY',
	inboundUser: '',
	host: 'www.video.example.co.uk',
	sniffHost: 'cdn.example.org',
	dnsMode: 'normal',
	uid: 0,
	process: 'curl',
	processPath: '/usr/bin/curl',
	specialProxy: '',
	specialRules: '',
	remoteDestination: 'edge.example.net',
	dscp: 46,
};

const record = (hosts: 'full' | 'domain' | 'none', change: Partial<Connection> = {}) =>
	wireRecord({ ...connection, ...change }, { up: 5, down: 7 }, { agentId: 'a', hosts, wall: Date.UTC(2026, 2, 1) });

test('it has 33 fields, chains the other way round and geo as JSON text', () => {
	const full = record('full');
	assert.equal(Object.keys(full).length, 33);
	assert.equal(full.chains, '["Proxy","Auto","Amsterdam 2"]');
	assert.deepEqual([full.source_geoip, full.destination_geoip], ['null', '["nl"]']);
	assert.deepEqual([full.upload, full.download, full.last_updated], [5, 7, '2026-03-01T00:00:00.000Z']);
	assert.deepEqual([full.host, full.rule_payload], [connection.host, connection.rulePayload]);
	assert.deepEqual(record('full', { destinationGeoIP: [] }).destination_geoip, '[]');
});

test('it keeps the registrable part of every host name, and nothing else of it, with domain', () => {
	const text = JSON.stringify(record('domain'));
	const { host, sniff_host, remote_destination, rule_payload } = record('domain');
	assert.deepEqual([host, sniff_host, remote_destination], ['example.co.uk', 'example.org', 'example.net']);
	assert.equal(rule_payload, 'example.co.uk');
	for (const label of ['www', 'video', 'cdn', 'edge']) assert.ok(!text.includes(label), label);
	assert.equal(record('domain', { rule: 'DomainRegex', rulePayload: '^www\\.x' }).rule_payload, '');
	assert.equal(record('domain', { rule: 'GeoIP', rulePayload: 'cn' }).rule_payload, 'cn');
});

test('it keeps no host name anywhere with none, but addresses and rule sets', () => {
	const text = JSON.stringify(record('none'));
	assert.ok(!text.includes('example.'));
	assert.equal(record('none', { remoteDestination: '203.0.113.9' }).remote_destination, '203.0.113.9');
	assert.equal(record('none', { remoteDestination: '2001:db8::1' }).remote_destination, '2001:db8::1');
	assert.equal(record('none', { rule: 'RuleSet', rulePayload: 'ads' }).rule_payload, 'ads');
});

test('it knows what somebody registered', () => {
	for (const [host, domain] of [
		['example.com', 'example.com'],
		['a.b.example.com', 'example.com'],
		['a.example.com.', 'example.com'],
		['www.bbc.co.uk', 'bbc.co.uk'],
		['co.uk', 'co.uk'],
		['www.gov.cn', 'www.gov.cn'],
		['a.b.example.de', 'example.de'],
		['localhost', 'localhost'],
		['192.0.2.7', '192.0.2.7'],
		['2001:db8::1', '2001:db8::1'],
		['', ''],
	]) {
		assert.equal(registrable(host!), domain);
	}
});
