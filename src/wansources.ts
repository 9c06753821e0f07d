// The ways to the WAN counters that the settings and this machine allow, best first, and what each has to say of
// itself in status and doctor.
import { existsSync } from 'node:fs';
import type { AgentSettings } from './config.ts';
import { type RetryProfile, retryDelay, retryProfiles } from './engine/backoff.ts';
import type { WanSource, WanSourceName } from './record.ts';
import { type LuciDescription, LuciWan } from './sources/luci.ts';
import { LuciLocation } from './sources/lucilocation.ts';
import { MappedProcfs } from './sources/mappedprocfs.ts';
import { readOffload } from './sources/offload.ts';
import { ProcfsWan } from './sources/procfs.ts';
import type { UbusMapOptions } from './sources/ubusmap.ts';
import { UbusWan } from './sources/ubuswan.ts';
import { sourceOrder } from './sources/wan.ts';
import type { Clock } from './system/clock.ts';
import type { Log } from './system/log.ts';

export interface NotedWanSource extends WanSource {
	/** Sentences for the owner: flow offload, missing rights, the session in use. */
	notes(): readonly string[];
	/** A finite retry profile has ended: it will ask no more. */
	isOver?(): boolean;
}

/** Only OpenWrt has it. */
const openWrtRelease = '/etc/openwrt_release';
/** ubusd is on this machine and back within seconds. */
const ubusRetry: RetryProfile = { tries: 0, minMs: 500, maxMs: 10_000 };

export interface WanSourcesOptions {
	readonly settings: AgentSettings;
	readonly clock: Clock;
	readonly log: Log;
	readonly openwrt?: boolean;
	/** Of ubusd's socket, for tests. */
	readonly ubusPaths?: readonly string[];
	/** Where the kernel's files are, for tests. */
	readonly kernel?: { readonly proc: string; readonly sys: string };
}

export function openWanSources(options: WanSourcesOptions): NotedWanSource[] {
	const { settings, openwrt = existsSync(openWrtRelease) } = options;
	const open: Record<WanSourceName, () => NotedWanSource | null> = {
		procfs: () => openProcfs(options, openwrt),
		ubus: () => openUbus(options),
		luci: () => openLuci(options),
	};
	return sourceOrder(settings.wanSource, { openwrt, luci: settings.luciUrl !== null }).flatMap(
		(name) => open[name]() ?? [],
	);
}

function ubusOptions({ settings, clock, ubusPaths }: WanSourcesOptions): UbusMapOptions {
	return {
		clock,
		timeoutMs: settings.timeoutMs,
		retryDelay: (failures) => retryDelay(ubusRetry, failures, Math.random()) ?? ubusRetry.maxMs,
		offload: () => settings.router?.flowOffload ?? readOffload(),
		...(ubusPaths ? { paths: ubusPaths } : {}),
	};
}

/** The kernel's counters; on OpenWrt netifd tells over ubus which devices they are, where it may be asked. */
function openProcfs(options: WanSourcesOptions, openwrt: boolean): NotedWanSource {
	const { clock, settings, kernel = {} } = options;
	const devices = settings.wanDevice ?? [];
	if (!openwrt || devices.length > 0) {
		const procfs = new ProcfsWan({ ...kernel, clock, devices });
		return { ...bound(procfs), notes: () => [] };
	}
	const procfs = new MappedProcfs({ ...ubusOptions(options), ...kernel });
	const { map } = procfs;
	return {
		...bound(procfs),
		notes: () => map.current()?.warnings ?? (map.error === null ? [] : [`netifd is not asked: ${map.error}`]),
	};
}

function openUbus(options: WanSourcesOptions): NotedWanSource {
	const source = new UbusWan({ ...ubusOptions(options), devices: options.settings.wanDevice ?? [] });
	return { ...bound(source), notes: () => source.current()?.warnings ?? [] };
}

/** null: no URL was given. */
function openLuci({ settings, clock, log }: WanSourcesOptions): NotedWanSource | null {
	const location = settings.luciUrl && LuciLocation.parse(settings.luciUrl.url);
	if (location === null || typeof location === 'string') return null;
	const source = new LuciWan({
		url: location,
		username: settings.luciUsername,
		password: settings.luciPassword ?? '',
		certificate: settings.luciCertificate,
		devices: settings.wanDevice ?? [],
		timeoutMs: settings.timeoutMs,
		clock,
		log,
		// `infinite` leaves it to the source, which knows what failed.
		...(settings.retryLuci === retryProfiles.infinite
			? {}
			: { retryDelay: (failures) => retryDelay(settings.retryLuci, failures, Math.random()) }),
	});
	return { ...bound(source), notes: () => notesOf(source.describe()), isOver: () => source.isOver };
}

function notesOf({ url, door, generation, call, counterBits, warnings, fingerprint }: LuciDescription): string[] {
	if (call === null)
		return fingerprint === null ? [...warnings] : [...warnings, `${url} showed the certificate ${fingerprint}`];
	const bits = counterBits === 32 ? ' (32-bit counters)' : '';
	return [`${url} by ${door}: ${call}${bits}${generation ? `, as ${generation} answers` : ''}`, ...warnings];
}

function bound(source: WanSource): WanSource {
	return { name: source.name, start: () => source.start(), sample: () => source.sample(), stop: () => source.stop() };
}
