// Whether the firewall forwards flows past the counters: `flow_offloading` and `flow_offloading_hw` of its defaults.
import { readFileSync } from 'node:fs';
import { parseUci } from '../system/uci.ts';
import type { Offload } from './wanmap.ts';

export const firewallConfig = '/etc/config/firewall';
/** As fw4 reads a boolean. */
const yes = new Set(['1', 'on', 'true', 'yes']);

/** Reads the firewall's configuration; `unknown` where this user may not or the file is damaged, `off` where there is none. */
export function readOffload(path = firewallConfig): Offload {
	try {
		return offloadOf(readFileSync(path));
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'off' : 'unknown';
	}
}

/** What a file `/etc/config/firewall` of these bytes says. */
export function offloadOf(bytes: Uint8Array): Offload {
	const file = parseUci(bytes);
	if ('error' in file) return 'unknown';
	const defaults = file.sections.find((section) => section.type === 'defaults')?.options;
	const isOn = (name: string): boolean => yes.has(String(defaults?.get(name)).toLowerCase());
	if (!isOn('flow_offloading')) return 'off';
	return isOn('flow_offloading_hw') ? 'hard' : 'soft';
}
