// The name a master and the LAN know this agent by: the settings', else the host's name and four hex digits of a MAC
// (every OpenWrt is called OpenWrt), kept in a file so that a new network card makes no new agent.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';

export const agentIdPattern = /^[A-Za-z0-9_.-]{1,64}$/;

export interface AgentIdOptions {
	/** The settings' name; null = find one. */
	readonly configured: string | null;
	/** Where it is kept: the first that has one wins, and a new one is written to all. */
	readonly folders: readonly string[];
	/** Devices whose MAC is preferred: the default route's. */
	readonly devices: readonly string[];
}

export function agentId({ configured, folders, devices }: AgentIdOptions): string {
	if (configured !== null) return configured;
	const kept = folders.map(read).find((name) => name !== null);
	const name = kept ?? `${plainHostName()}-${macDigits(devices) ?? randomBytes(2).toString('hex')}`;
	for (const folder of folders) if (read(folder) !== name) write(folder, name);
	return name;
}

function read(folder: string): string | null {
	try {
		const name = readFileSync(join(folder, 'agent_id'), 'utf8').trim();
		return agentIdPattern.test(name) ? name : null;
	} catch {
		return null;
	}
}

/** A folder that cannot be written costs the name its memory, nothing else: the MAC gives the same one again. */
function write(folder: string, name: string) {
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		writeFileSync(join(folder, 'agent_id'), `${name}\n`, { mode: 0o600 });
	} catch {}
}

function plainHostName(): string {
	return (
		hostname()
			.replace(/[^A-Za-z0-9_.-]/g, '-')
			.slice(0, 59) || 'netmon'
	);
}

/** The last two bytes of a MAC; those of the loopback and of empty devices are zeros and say nothing. */
function macDigits(devices: readonly string[]): string | null {
	const interfaces = networkInterfaces();
	const names = [...devices, ...Object.keys(interfaces)];
	const macs = names.map((name) => interfaces[name]?.[0]?.mac).filter((mac) => mac && mac !== '00:00:00:00:00:00');
	return macs[0]?.slice(-5).replace(':', '') ?? null;
}
