import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLog } from '../../src/sinks/connectionlog.ts';
import { parseConnection } from '../../src/sources/snapshot.ts';
import { openLog } from '../../src/system/log.ts';
import { FakeClock } from '../fakes/clock.ts';

function connection(
	id: string,
	metadata: Readonly<Record<string, unknown>>,
	rest: Readonly<Record<string, unknown>> = {},
) {
	const listed = parseConnection({ id, upload: 0, download: 0, metadata, ...rest });
	assert.ok('connection' in listed);
	return listed.connection;
}

const web = connection(
	'0c7b3c1a-aaaa-bbbb-cccc-000000000001',
	{
		network: 'tcp',
		sourceIP: '192.168.1.7',
		sourcePort: '50123',
		host: 'example.org',
		destinationIP: '93.184.216.34',
		destinationPort: '443',
	},
	{ rule: 'DomainSuffix', rulePayload: 'org', chains: ['node 1', 'auto', 'PROXY'] },
);

function open(level: 'info' | 'debug' = 'info') {
	const lines: string[] = [];
	const write = (line: string) => lines.push(line.replace(/^\S+ /, ''));
	const log = openLog({ level, format: 'text', clock: new FakeClock(), write });
	return { lines, connections: new ConnectionLog(log('conn')) };
}

test('it tells who opens what by which rule and chain, what it moved, and how it grows', () => {
	const { lines, connections } = open('debug');
	connections.opened(web);
	connections.grown(web, 10, 200);
	connections.closed(web, 1234, 56789);
	assert.deepEqual(lines, [
		'INFO  conn: opened 0c7b3c1a tcp 192.168.1.7:50123 -> example.org:443 by DomainSuffix(org) through PROXY > auto > node 1',
		'DEBUG conn: grown 0c7b3c1a example.org:443 up +10 down +200 bytes',
		'INFO  conn: closed 0c7b3c1a example.org:443 up 1234 down 56789 bytes',
	]);
});

test('it writes IPv6 in brackets, the destination where no host is known, and what the core opens itself', () => {
	const { lines, connections } = open();
	const six = {
		network: 'udp',
		sourceIP: 'fd00::7',
		sourcePort: '5',
		destinationIP: '2001:db8::1',
		destinationPort: '53',
	};
	connections.opened(connection('a', six, { rule: 'Match', chains: ['DIRECT'] }));
	connections.opened(connection('b', { network: 'tcp', process: 'mihomo', host: 'x.example', destinationPort: '443' }));
	connections.opened(connection('c', {}));
	assert.match(lines[0]!, /opened a udp \[fd00::7\]:5 -> \[2001:db8::1\]:53 by Match through DIRECT$/);
	assert.match(lines[1]!, /opened b tcp mihomo -> x\.example:443 by no rule through /);
	assert.match(lines[2]!, /opened c +the core -> \?: by no rule/);
});

test('it keeps growth to debug', () => {
	const { lines, connections } = open('info');
	for (let count = 0; count < 1000; count += 1) connections.grown(web, 1, 1);
	connections.tick();
	assert.deepEqual(lines, []);
});

test('it cuts a burst of 1,000 to some lines, and says how many more', () => {
	const { lines, connections } = open();
	for (let count = 0; count < 1000; count += 1) connections.opened(connection(`id-${count}`, { host: `h${count}` }));
	for (let count = 0; count < 30; count += 1)
		connections.closed(connection(`id-${count}`, { host: `h${count}` }), 1, 1);
	connections.tick();
	assert.equal(lines.length, 51);
	assert.match(lines[50]!, /and more connections: 950 opened, 30 closed$/);
	connections.opened(web);
	assert.match(lines[51]!, /opened 0c7b3c1a/);
	connections.tick();
	assert.equal(lines.length, 52, 'nothing was cut in this second');
});
