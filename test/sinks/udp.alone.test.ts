// Real interfaces in namespaces of our own: a router with a WAN and a LAN, and what its two neighbours see of it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { until } from '../fakes/peer.ts';

const name = `nmudp${process.pid}`;
const [router, home, isp] = [`${name}r`, `${name}h`, `${name}i`];

/** Prints, for each UDP datagram that arrives at the device: destination, TTL or hop limit, destination port, length. */
const sniffer = `
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind((sys.argv[1], 0))
print("ready", flush=True)
while True:
    p, (_, _, kind, *_) = s.recvfrom(4096)
    if kind == 4:
        continue  # what this side sends
    if p[12:14] == b"\\x08\\x00" and p[23] == 17:
        print(socket.inet_ntoa(p[30:34]), p[22], *struct.unpack("!HH", p[36:40]), flush=True)
    elif p[12:14] == b"\\x86\\xdd" and p[20] == 17:
        print(socket.inet_ntop(socket.AF_INET6, p[38:54]), p[21], *struct.unpack("!HH", p[56:60]), flush=True)
`;
/** Sends two old registrations and a hello from the port given, as the neighbour would. */
const asker = `
import socket, sys, zlib, struct
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[2])))
hello = b"nmon" + struct.pack("<BBHI", 1, 2, 64, 7) + bytes(48)
to = socket.getaddrinfo(sys.argv[1], 17890)[0][4]
for data in (b"\\x01\\x00", b"x", hello + struct.pack("<I", zlib.crc32(hello))):
    s.sendto(data, to)
`;

function ip(line: string): void {
	const { status, stderr } = spawnSync('ip', line.split(' '), { encoding: 'utf8' });
	if (status !== 0) throw new Error(`ip ${line}: ${stderr}`);
}

function inside(t: TestContext, namespace: string, command: string, args: readonly string[]) {
	const child: ChildProcess = spawn('ip', ['netns', 'exec', namespace, command, ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let [out, errors] = ['', ''];
	child.stdout!.on('data', (bytes) => (out += bytes));
	child.stderr!.on('data', (bytes) => (errors += bytes));
	t.after(async () => {
		child.kill('SIGKILL');
		if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	});
	return { lines: () => out.split('\n').slice(0, -1), errors: () => errors, exit: once(child, 'exit') };
}

test('it reaches the LAN with TTL 1 and never the WAN, whatever the list says; the WAN gets no answer', async (t) => {
	if (spawnSync('python3', ['--version']).status !== 0) return t.skip('no python3: nobody looks at the packets');
	if (spawnSync('ip', ['netns', 'add', router]).status !== 0)
		return t.skip('no right to make network namespaces: ways and TTL are not seen');
	t.after(() => {
		for (const namespace of [router, home, isp]) spawnSync('ip', ['netns', 'del', namespace]);
	});
	for (const namespace of [home, isp]) ip(`netns add ${namespace}`);
	for (const [device, namespace, subnet] of [
		['lan0', home, '192.168.77'],
		['wan0', isp, '10.77.0'],
	] as const) {
		ip(`-n ${router} link add ${device} type veth peer name up0 netns ${namespace}`);
		ip(`-n ${router} address add ${subnet}.1/24 brd + dev ${device}`);
		ip(`-n ${router} link set ${device} up`);
		ip(`-n ${namespace} address add ${subnet}.2/24 brd + dev up0`);
		ip(`-n ${namespace} link set up0 up`);
	}
	ip(`-n ${router} link set lo up`);
	ip(`-n ${router} route add default via 10.77.0.2`);
	ip(`-n ${router} -6 address add fd77::1/64 dev lan0 nodad`);

	const atHome = inside(t, home, 'python3', ['-c', sniffer, 'up0']);
	const atIsp = inside(t, isp, 'python3', ['-c', sniffer, 'up0']);
	await until(() => atHome.lines().length > 0 && atIsp.lines().length > 0, 'the sniffers');
	const targets = [
		'lan',
		'wan0',
		'255.255.255.255',
		'239.255.17.92',
		'10.77.0.255',
		'10.77.0.2',
		'203.0.113.5',
		'ff02::1',
		'old:lan',
	];
	const node = inside(t, router, process.execPath, ['build/test/sinks/router.program.js', 'wan0', 'lan0', ...targets]);
	await until(() => node.lines().length > 0, `the router: ${node.errors()}`);
	assert.match(
		node.errors(),
		/^wan0: .*WAN device[\s\S]*^10\.77\.0\.255: [\s\S]*^10\.77\.0\.2: [\s\S]*^203\.0\.113\.5: /m,
	);

	const arrived = (sniffed: string[], start: string) => sniffed.some((line) => line.startsWith(start));
	for (const start of [
		...['192.168.77.255 1 17892 ', '192.168.77.255 1 17891 56', '255.255.255.255 1 17892 ', '239.255.17.92 1 17892 '],
		'ff02::1 1 17892 ',
	]) {
		await until(() => arrived(atHome.lines(), start), `${start} at home`);
	}
	await inside(t, home, 'python3', ['-c', asker, '192.168.77.1', '5000']).exit;
	await until(() => arrived(atHome.lines(), '192.168.77.2 64 5000 '), 'an answer with a normal TTL');
	await inside(t, isp, 'python3', ['-c', asker, '10.77.0.1', '5000']).exit;
	await inside(t, isp, 'python3', ['-c', asker, '192.168.77.1', '5001']).exit;
	const ticks = () => atHome.lines().filter((line) => line.startsWith('239.')).length;
	const before = ticks();
	await until(() => ticks() >= before + 5, 'five ticks more');
	assert.deepEqual(atIsp.lines(), ['ready'], 'not one datagram left by the WAN');
});
