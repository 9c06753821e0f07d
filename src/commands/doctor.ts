// `netmon doctor`: looks at everything the agent needs, one line each, and says what to do about what is wrong.
// It asks the peers itself, so it works whether or not an agent runs.
import { createSocket } from 'node:dgram';
import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import type { AgentSettings } from '../config.ts';
import type { Status } from '../sinks/statusfile.ts';
import { Controller, nameOf } from '../sources/controller.ts';
import { type Clock, sleep } from '../system/clock.ts';
import { openLog } from '../system/log.ts';
import { type NotedWanSource, openWanSources } from '../wansources.ts';

export interface DoctorOptions {
	readonly settings: AgentSettings;
	readonly clock: Clock;
	readonly print: (line: string) => void;
	/** For tests; the settings' own otherwise. */
	readonly openSources?: () => readonly NotedWanSource[];
}

/** `bad`: it will not work; `look`: it works, but not as well as it could. */
interface Finding {
	readonly verdict: 'ok' | 'look' | 'bad';
	readonly what: string;
	readonly text: string;
}

/** Nothing that netmon counts happened before it was written. */
const firstSaneYear = 2026;
const leastNode = 18;
const leastFreeBytes = 4 * 1024 * 1024;
const otherFolder = 'name another with --state-dir or --persist-dir';
/** Two readings apart show whether counters move. */
const betweenSamplesMs = 1000;

/** Exit code: 0, or 1 when something is bad. */
export async function doctor(options: DoctorOptions): Promise<number> {
	const { settings, clock, print } = options;
	const log = openLog({ level: 'warn', format: 'text', clock, write: print })('wan');
	const openSources = options.openSources ?? (() => openWanSources({ settings, clock, log }));
	const findings: Finding[] = [];
	const tell = (finding: Finding) => {
		findings.push(finding);
		print(`${finding.verdict.padEnd(5)}${finding.what.padEnd(11)}${finding.text}`);
	};
	tell(lookAtNode());
	tell(lookAtClock(clock));
	for (const folder of [settings.stateDir, settings.persistDir]) if (folder !== null) tell(lookAtFolder(folder));
	const running = runningAgent(settings.statusFile, clock);
	tell(running);
	tell(await lookAtPort(settings, running.verdict === 'ok'));
	for (const finding of await lookAtCore(settings, clock)) tell(finding);
	for (const finding of await lookAtWans(openSources(), clock)) tell(finding);
	const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
	print(bad === 0 ? 'nothing is wrong' : `${bad} thing${bad > 1 ? 's are' : ' is'} wrong`);
	return bad === 0 ? 0 : 1;
}

function lookAtNode(): Finding {
	const { node } = process.versions;
	const old = Number(node.split('.')[0]) < leastNode;
	return {
		verdict: old ? 'bad' : 'ok',
		what: 'node',
		text: `${node}${old ? `: netmon needs Node ${leastNode} or newer` : ''}`,
	};
}

function lookAtClock(clock: Clock): Finding {
	const now = new Date(clock.wall());
	const sane = now.getUTCFullYear() >= firstSaneYear;
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	return {
		verdict: sane ? 'ok' : 'bad',
		what: 'clock',
		text: sane
			? `${now.toISOString()}, zone ${zone}`
			: `it says ${now.toISOString()}: no time server was reached yet; check system.ntp and the WAN's DNS`,
	};
}

function lookAtFolder(folder: string): Finding {
	const what = 'folder';
	try {
		let there = folder;
		while (!exists(there) && dirname(there) !== there) there = dirname(there);
		const { bavail, bsize } = statfsSync(there);
		const free = bavail * bsize;
		const text = `${folder}: ${Math.round(free / 1024 / 1024)} MiB free${there === folder ? '' : ' (it will be made)'}`;
		if (!isWritable(there)) {
			return {
				verdict: 'bad',
				what,
				text: `${there} may not be written by this user: change its owner, or ${otherFolder}`,
			};
		}
		if (free >= leastFreeBytes) return { verdict: 'ok', what, text };
		return { verdict: 'bad', what, text: `${text}; make room, or ${otherFolder}` };
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return { verdict: 'bad', what, text: `${folder} cannot be looked at (${code}): ${otherFolder}` };
	}
}

function isWritable(folder: string): boolean {
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		return statSync(folder).isDirectory();
	} catch {
		return false;
	}
}

function exists(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function runningAgent(statusFile: string, clock: Clock): Finding {
	try {
		const { updated, process: own } = JSON.parse(readFileSync(statusFile, 'utf8')) as Status;
		if (clock.wall() - Date.parse(updated) < 10_000)
			return { verdict: 'ok', what: 'agent', text: `runs as process ${own.pid}` };
	} catch {}
	return { verdict: 'look', what: 'agent', text: `none runs here (no fresh ${statusFile})` };
}

async function lookAtPort({ listenPort, listenHost }: AgentSettings, running: boolean): Promise<Finding> {
	const what = 'udp';
	if (listenPort === 0) return { verdict: 'ok', what, text: 'off by --listen-port 0' };
	const socket = createSocket(listenHost !== null && isIPv6(listenHost) ? 'udp6' : 'udp4');
	const code = await new Promise<string | null>((resolve) => {
		socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
		socket.bind(listenPort, listenHost ?? undefined, () => resolve(null));
	});
	socket.close();
	if (code === null) {
		return running
			? {
					verdict: 'look',
					what,
					text: `port ${listenPort} is free though an agent runs: is it another one's settings?`,
				}
			: { verdict: 'ok', what, text: `port ${listenPort} is free` };
	}
	if (code === 'EADDRINUSE' && running)
		return { verdict: 'ok', what, text: `port ${listenPort} is taken, by the agent that runs` };
	if (code === 'EADDRNOTAVAIL')
		return { verdict: 'bad', what, text: `--listen-host ${listenHost} is not an address of this machine` };
	const text = `port ${listenPort} cannot be had (${code}): end the program that has it, or choose another with --listen-port`;
	return { verdict: 'bad', what, text };
}

async function lookAtCore({ clash, timeoutMs }: AgentSettings, clock: Clock): Promise<Finding[]> {
	const what = 'core';
	const controller = new Controller({ address: clash, clock, timeoutMs });
	try {
		const version = await controller.version();
		const proxies = await controller.proxies();
		const answer: Finding = {
			verdict: 'ok',
			what,
			text: `${nameOf(clash)} is a core of version ${version}; ${clash.token === null ? 'it asks for no secret' : 'the secret is right'}`,
		};
		if (proxies)
			return [answer, { verdict: 'ok', what, text: `${proxies.types.size} proxies and groups, their types are known` }];
		return [
			answer,
			{ verdict: 'look', what, text: 'it does not tell its proxies: classes go by the names DIRECT and REJECT' },
		];
	} catch (error) {
		return [{ verdict: 'bad', what, text: (error as Error).message }];
	} finally {
		controller.close();
	}
}

/** Each source for itself; without any that works the WAN stays unknown, and bypass with it. */
async function lookAtWans(sources: readonly NotedWanSource[], clock: Clock): Promise<Finding[]> {
	const what = 'wan';
	if (sources.length === 0) return [{ verdict: 'ok', what, text: 'off by --wan-source none' }];
	const findings: Finding[] = [];
	for (const source of sources) findings.push(...(await lookAtWan(source, clock)));
	if (findings.some(({ verdict }) => verdict === 'ok')) return findings;
	const text = 'no source tells the WAN: mend one of these, or switch it off with --wan-source none';
	return [...findings, { verdict: 'bad', what, text }];
}

async function lookAtWan(source: NotedWanSource, clock: Clock): Promise<Finding[]> {
	const what = 'wan';
	try {
		source.start();
		const first = await source.sample();
		const names = first.devices.map(({ name, counts }) => (counts ? `${name} (${counts})` : name));
		if (names.length === 0) {
			return [
				{ verdict: 'look', what, text: `${source.name}: no WAN device: ${first.why}; name it with --wan-device` },
			];
		}
		await sleep(clock, betweenSamplesMs);
		const second = await source.sample();
		const moved = second.devices.some((device, index) => device.rxBytes !== first.devices[index]?.rxBytes);
		return [
			{ verdict: 'ok', what, text: `${source.name}: ${names.join(', ')}: ${first.why}` },
			...(moved
				? []
				: [{ verdict: 'look', what, text: `${source.name}: nothing was received within a second` } as const]),
		];
	} catch (error) {
		const notes = source.notes().map((text) => ({ verdict: 'look', what, text: `${source.name}: ${text}` }) as const);
		return [{ verdict: 'look', what, text: `${source.name}: ${(error as Error).message}` }, ...notes];
	} finally {
		await source.stop();
	}
}
