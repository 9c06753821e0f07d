// One router whose WAN is seen by all three ways at once: the kernel's files in a folder, netifd on a fake ubusd, and
// LuCI. A test moves bytes, pulls plugs and restarts daemons; the books of what the WAN moved are kept here.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeLuci } from './luci.ts';
import type { releases } from './lucirelease.ts';
import { default4, default6, FakeNetifd } from './netifd.ts';
import { FakeUbusd } from './ubus.ts';

interface Device {
	ifindex: number;
	rx: bigint;
	tx: bigint;
	rxPackets: bigint;
	txPackets: bigint;
}

const bytesPerPacket = 1_000n;
/** PPPoE's and Ethernet's headers, which the device below counts too. */
const lowerHeaders = 22n;

export class WanRouter {
	readonly kernel: { readonly proc: string; readonly sys: string };
	readonly ubusd: FakeUbusd;
	readonly netifd: FakeNetifd;
	readonly luci: FakeLuci;
	/** What the counters that are the WAN's have moved. */
	readonly moved = { up: 0, down: 0 };
	/** Which line carries the traffic; null: none. */
	line: 'pppoe' | 'lte' | null = 'pppoe';
	family: 4 | 6 = 4;
	/** Software flow offload: most of what is received never reaches the PPPoE device. */
	offload = false;
	/** A kernel whose counters have 32 bits. */
	narrow = false;
	readonly #devices = new Map<string, Device>();
	#nextIfindex = 2;

	constructor(folder: string, release: keyof typeof releases) {
		this.kernel = { proc: join(folder, 'proc'), sys: join(folder, 'sys') };
		mkdirSync(join(this.kernel.proc, 'net'), { recursive: true });
		this.ubusd = new FakeUbusd(join(folder, 'ubus.sock'));
		this.netifd = new FakeNetifd(this.ubusd);
		this.luci = new FakeLuci(release);
		for (const name of ['br-lan', 'eth1', 'eth1.7', 'wwan0', 'pppoe-wan']) this.#add(name, 1_000n);
	}

	async start(): Promise<void> {
		this.netifd.start();
		await Promise.all([this.ubusd.start(), this.luci.start()]);
		this.show();
	}

	async stop(): Promise<void> {
		await Promise.all([this.ubusd.stop(), this.luci.stop()]);
	}

	/** Every counter stands at `value`. */
	setCounters(value: bigint): void {
		for (const device of this.#devices.values()) Object.assign(device, { rx: value, tx: value });
		this.show();
	}

	hangUp(): void {
		this.#devices.delete('pppoe-wan');
		this.line = null;
		this.show();
		this.netifd.tell('ifdown', 'wan');
	}

	/** The device is made anew: another number, counters at 0. */
	dial(): void {
		this.#add('pppoe-wan', 0n);
		this.line = 'pppoe';
		this.show();
		this.netifd.tell('ifup', 'wan');
	}

	failOver(): void {
		this.line = 'lte';
		this.show();
		this.netifd.tell('ifup', 'lte');
	}

	/** The whole machine: every device anew. */
	reboot(): void {
		this.#nextIfindex = 2;
		for (const name of [...this.#devices.keys()]) this.#add(name, 0n);
		this.luci.expireSessions();
		this.show();
	}

	move(down: number, up: number): void {
		if (this.line === null) return;
		this.moved.down += down;
		this.moved.up += up;
		const upper = this.#devices.get(this.line === 'lte' ? 'wwan0' : 'pppoe-wan')!;
		if (this.line === 'lte') this.#count(upper, BigInt(down), BigInt(up), 0n);
		else {
			const headers = this.offload ? 0n : lowerHeaders;
			this.#count(upper, this.offload ? BigInt(down) / 10n : BigInt(down), BigInt(up), 0n);
			for (const name of ['eth1', 'eth1.7']) this.#count(this.#devices.get(name)!, BigInt(down), BigInt(up), headers);
		}
		this.luci.now += 1;
		this.show();
	}

	/** All three ways tell what is now. */
	show(): void {
		this.#showKernel();
		this.#showNetifd();
		this.#showLuci();
	}

	#add(name: string, count: bigint): void {
		const device = { ifindex: this.#nextIfindex++, rx: count, tx: count, rxPackets: count / 1000n, txPackets: 0n };
		this.#devices.set(name, device);
	}

	#count(device: Device, down: bigint, up: bigint, perPacket: bigint): void {
		const packets = { down: down / bytesPerPacket + 1n, up: up / bytesPerPacket + 1n };
		device.rx += down + packets.down * perPacket;
		device.tx += up + packets.up * perPacket;
		device.rxPackets += packets.down;
		device.txPackets += packets.up;
	}

	#told(counter: bigint): bigint {
		return this.narrow ? BigInt.asUintN(32, counter) : counter;
	}

	#showKernel(): void {
		const { proc, sys } = this.kernel;
		const rows = [...this.#devices].map(([name, { rx, tx, rxPackets, txPackets }]) => {
			const zeros = '0 0 0 0 0 0';
			return `${name}: ${this.#told(rx)} ${rxPackets} ${zeros} ${this.#told(tx)} ${txPackets} ${zeros}\n`;
		});
		writeFileSync(join(proc, 'net', 'dev'), `Inter-| Receive | Transmit\n face |bytes\n${rows.join('')}`);
		const device = this.#lineDevice();
		const route =
			device && this.family === 4 ? `${device}\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n` : '';
		const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
		writeFileSync(join(proc, 'net', 'route'), head + route);
		const any = '0'.repeat(32);
		const route6 = `${any} 00 ${any} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 ${device}\n`;
		writeFileSync(join(proc, 'net', 'ipv6_route'), device && this.family === 6 ? route6 : '');
		for (const [name, { ifindex }] of this.#devices) {
			const folder = join(sys, 'class', 'net', name);
			mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, 'ifindex'), `${ifindex}\n`);
		}
		if (!this.#devices.has('pppoe-wan'))
			rmSync(join(sys, 'class', 'net', 'pppoe-wan'), { recursive: true, force: true });
	}

	#showNetifd(): void {
		const pppoe = this.line === 'pppoe';
		const [name, route] = this.family === 4 ? ['wan', default4()] : ['wan6', default6()];
		this.netifd.interfaces = [
			{ interface: 'lan', proto: 'static', l3_device: 'br-lan', device: 'br-lan' },
			{
				interface: name,
				proto: this.family === 4 ? 'pppoe' : 'dhcpv6',
				l3_device: 'pppoe-wan',
				device: 'eth1.7',
				up: pppoe,
				route: pppoe ? [route] : [],
			},
			...(this.line === 'lte'
				? [{ interface: 'lte', proto: 'qmi', l3_device: 'wwan0', device: 'wwan0', metric: 20, route: [default4()] }]
				: []),
		];
		this.netifd.devices.clear();
		for (const [device, { rx, tx }] of this.#devices)
			this.netifd.devices.set(device, { rx: this.#told(rx), tx: this.#told(tx) });
	}

	#showLuci(): void {
		const { luci } = this;
		luci.devices.clear();
		for (const [name, { rx, tx, ifindex }] of this.#devices) luci.devices.set(name, { rx, tx, ifindex });
		luci.offload = { soft: this.offload, hard: false };
		const device = this.#lineDevice();
		luci.wan =
			device === null
				? null
				: device === 'wwan0'
					? { name: 'lte', l3: 'wwan0', lower: 'wwan0', proto: 'qmi' }
					: { name: 'wan', l3: 'pppoe-wan', lower: 'eth1.7', proto: 'pppoe' };
	}

	#lineDevice(): 'pppoe-wan' | 'wwan0' | null {
		if (this.line === null) return null;
		return this.line === 'lte' ? 'wwan0' : 'pppoe-wan';
	}
}
