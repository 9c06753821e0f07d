// What a ubus sample costs us: CPU of this process alone, the fake ubusd runs in another. `node ubus.program.js`
// prints a table; `node ubus.program.js router PATH` is the other process.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UbusClient } from '../../src/sources/ubus.ts';
import { UbusWan } from '../../src/sources/ubuswan.ts';
import { systemClock } from '../../src/system/clock.ts';
import { default4, FakeNetifd } from '../fakes/netifd.ts';
import { FakeUbusd } from '../fakes/ubus.ts';
import { routerFlags, startNode, stop } from './process.ts';

const rounds = 2_000;
/** eth0 to eth3, bridge, ports, VLANs, PPPoE and radios of a usual router. */
const devices = [
	'pppoe-wan',
	'eth1.7',
	'eth1',
	'br-lan',
	'lan1',
	'lan2',
	'lan3',
	'lan4',
	'eth0',
	'phy0-ap0',
	'phy1-ap0',
	'lo',
];

async function router(path: string): Promise<void> {
	const ubusd = new FakeUbusd(path);
	const netifd = new FakeNetifd(ubusd);
	for (const name of devices) netifd.grow(name, 10 ** 12, 10 ** 11);
	const wan = { interface: 'wan', proto: 'pppoe', l3_device: 'pppoe-wan', device: 'eth1.7', route: [default4()] };
	netifd.interfaces = ['lan', 'guest', 'loopback', 'wan6'].map((name) => ({ ...wan, interface: name, route: [] }));
	netifd.interfaces.push(wan);
	netifd.start();
	await ubusd.start();
	console.log('ready');
}

async function measure(what: string, once: () => Promise<unknown>): Promise<void> {
	for (let round = 0; round < rounds / 4; round++) await once();
	const cpu = process.cpuUsage();
	const began = performance.now();
	for (let round = 0; round < rounds; round++) await once();
	const { user, system } = process.cpuUsage(cpu);
	const ms = (value: number) => (value / rounds).toFixed(3).padStart(7);
	console.log(`${what.padEnd(48)} ${ms((user + system) / 1000)} ms CPU ${ms(performance.now() - began)} ms`);
}

async function bench(): Promise<void> {
	const path = join(tmpdir(), `netmon-bench-${process.pid}.sock`);
	const [child] = await startNode(process.argv[1]!, ['router', path], routerFlags);
	const base = { clock: systemClock, retryDelay: () => 1_000, paths: [path] };
	for (const offload of ['off', 'soft'] as const) {
		const wan = new UbusWan({ ...base, offload: () => offload });
		wan.start();
		await measure(`sample, ${offload === 'off' ? 'one device' : 'two devices (flow offload)'}`, () => wan.sample());
		await wan.stop();
	}
	const client = new UbusClient(base);
	client.start();
	await measure(`device status of all ${devices.length}, in one call`, () => client.call('network.device', 'status'));
	await measure('interface dump', () => client.call('network.interface', 'dump'));
	await client.stop();
	await stop(child);
}

if (process.argv[2] === 'router') void router(process.argv[3]!);
else void bench();
