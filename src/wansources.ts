// The ways to the WAN counters that the settings and this machine allow, best first.
import { existsSync } from 'node:fs';
import type { AgentSettings } from './config.ts';
import type { WanSource } from './record.ts';
import { ProcfsWan } from './sources/procfs.ts';
import { sourceOrder } from './sources/wan.ts';
import type { Clock } from './system/clock.ts';

/** Only OpenWrt has it. */
const openWrtRelease = '/etc/openwrt_release';

export function openWanSources(settings: AgentSettings, clock: Clock): WanSource[] {
	const facts = { openwrt: existsSync(openWrtRelease), luci: settings.luciUrl !== null };
	const open: Partial<Record<string, () => WanSource>> = {
		procfs: () => new ProcfsWan({ clock, devices: settings.wanDevice ?? [] }),
	};
	return sourceOrder(settings.wanSource, facts).flatMap((name) => open[name]?.() ?? []);
}
