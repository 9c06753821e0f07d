// The ways to the WAN counters that the settings and this machine allow, best first.
import { existsSync } from 'node:fs';
import type { AgentSettings } from './config.ts';
import type { WanSource, WanSourceName } from './record.ts';
import { ProcfsWan } from './sources/procfs.ts';
import { sourceOrder } from './sources/wan.ts';
import type { Clock } from './system/clock.ts';

/** Only OpenWrt has it. */
const openWrtRelease = '/etc/openwrt_release';

export function openWanSources(settings: AgentSettings, clock: Clock): WanSource[] {
	const facts = { openwrt: existsSync(openWrtRelease), luci: settings.luciUrl !== null };
	return sourceOrder(settings.wanSource, facts).map((name) => openWanSource(name, settings, clock));
}

function openWanSource(name: WanSourceName, settings: AgentSettings, clock: Clock): WanSource {
	const devices = settings.wanDevice ?? [];
	switch (name) {
		case 'procfs':
			return new ProcfsWan({ clock, devices });
		default:
			throw new Error(`no WAN source ${name}`);
	}
}
