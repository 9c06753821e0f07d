// A router, a host in its LAN and a host in the internet, as Linux network namespaces joined by veth. For tests that
// want real packets: LAN 192.168.77.2 -- 192.168.77.1 router 203.0.113.2 -- 203.0.113.1 internet. The router forwards.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

export const lanRouterAddress = '192.168.77.1';
export const lanHostAddress = '192.168.77.2';
export const lanBroadcastAddress = '192.168.77.255';
export const wanRouterAddress = '203.0.113.2';
export const wanHostAddress = '203.0.113.1';

/** One namespace; its device is `eth0` (the router's are `lan0` and `wan0`). */
export class Namespace {
	readonly name: string;
	readonly #children = new Set<ChildProcess>();

	constructor(name: string) {
		this.name = name;
	}

	/** Runs a command to its end; its standard output. Rejects when it does not end with 0. */
	async exec(command: string, ...args: string[]): Promise<string> {
		const child = promisify(execFile)('ip', ['netns', 'exec', this.name, command, ...args]);
		this.#children.add(child.child);
		try {
			return (await child).stdout;
		} finally {
			this.#children.delete(child.child);
		}
	}

	/** Starts a program, with pipes; `close` of the router ends it at the latest. */
	spawn(command: string, ...args: string[]): ChildProcess {
		const child = spawn('ip', ['netns', 'exec', this.name, command, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#children.add(child);
		child.once('exit', () => this.#children.delete(child));
		return child;
	}

	/** Starts one of the Node programs in test/fakes; resolves when it says that it listens (its first line). */
	async program(name: string, ...args: string[]): Promise<ChildProcess> {
		const child = this.spawn(process.execPath, `build/test/fakes/${name}.program.js`, ...args);
		await new Promise<void>((resolve, reject) => {
			child.stdout?.once('data', () => resolve());
			child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
		});
		return child;
	}

	async stop(): Promise<void> {
		const ends = [...this.#children].map(
			(child) =>
				new Promise<void>((resolve) => {
					if (child.exitCode !== null || child.signalCode !== null) return resolve();
					child.once('exit', () => resolve());
					child.kill('SIGKILL');
				}),
		);
		await Promise.all(ends);
	}
}

export interface Router {
	readonly router: Namespace;
	readonly lan: Namespace;
	readonly wan: Namespace;
	/** Ends every program and removes the namespaces. */
	close(): Promise<void>;
}

/** Why there can be no namespaces here; null when there can. For `t.skip`. */
export function whyNoNamespaces(): string | null {
	if (process.getuid?.() !== 0) return 'not root: network namespaces for real packets';
	try {
		const name = nameOf('try');
		ip('netns', 'add', name);
		try {
			ip('-n', name, 'link', 'add', 'name', 'try0', 'type', 'veth', 'peer', 'name', 'try1');
		} finally {
			ip('netns', 'del', name);
		}
		return null;
	} catch (error) {
		const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
		return absent
			? 'no ip (iproute2): network namespaces for real packets'
			: 'no network namespaces or veth allowed here: real packets';
	}
}

let made = 0;

export async function openRouter(): Promise<Router> {
	removeLeftovers();
	made += 1;
	const [router, lan, wan] = ['router', 'lan', 'wan'].map((role) => new Namespace(nameOf(`${made}-${role}`))) as [
		Namespace,
		Namespace,
		Namespace,
	];
	const all = [router, lan, wan];
	const remove = () => {
		for (const { name } of all) if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name);
	};
	process.once('exit', remove);
	try {
		for (const { name } of all) ip('netns', 'add', name);
		for (const { name } of all) ip('-n', name, 'link', 'set', 'lo', 'up');
		join(router, 'lan0', `${lanRouterAddress}/24`, lan, `${lanHostAddress}/24`);
		join(router, 'wan0', `${wanRouterAddress}/24`, wan, `${wanHostAddress}/24`);
		ip('-n', lan.name, 'route', 'add', 'default', 'via', lanRouterAddress);
		ip('-n', router.name, 'route', 'add', 'default', 'via', wanHostAddress);
		// Without NAT: the internet knows the way back.
		ip('-n', wan.name, 'route', 'add', '192.168.77.0/24', 'via', wanRouterAddress);
		await router.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
	} catch (error) {
		remove();
		process.off('exit', remove);
		throw error;
	}
	const close = async () => {
		await Promise.all(all.map((namespace) => namespace.stop()));
		remove();
		process.off('exit', remove);
	};
	return { router, lan, wan, close };
}

function join(router: Namespace, device: string, address: string, host: Namespace, hostAddress: string): void {
	ip('-n', router.name, 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host.name);
	ip('-n', router.name, 'addr', 'add', address, 'broadcast', '+', 'dev', device);
	ip('-n', host.name, 'addr', 'add', hostAddress, 'broadcast', '+', 'dev', 'eth0');
	ip('-n', router.name, 'link', 'set', device, 'up');
	ip('-n', host.name, 'link', 'set', 'eth0', 'up');
}

/** Runs side by side must not meet, and what a crashed one left must be known as such. */
function nameOf(role: string): string {
	return `netmon-${process.pid}-${role}`;
}

function removeLeftovers(): void {
	for (const line of ip('netns', 'list').split('\n')) {
		const [name, pid] = /^netmon-(\d+)-\S+/.exec(line) ?? [];
		if (!name || existsSync(`/proc/${pid}`)) continue;
		for (const left of ip('netns', 'pids', name).split('\n').filter(Boolean)) process.kill(Number(left), 'SIGKILL');
		ip('netns', 'del', name);
	}
}

function ip(...args: string[]): string {
	return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
