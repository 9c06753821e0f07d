// Facts of this machine that tell one process of the core from the next: the kernel's boot id, and when a process
// with a core's name began. Read from /proc, which needs no rights; what cannot be read is null.
import { readdirSync, readFileSync } from 'node:fs';

/** What cores are called in /proc/PID/comm: mihomo and its packages (nikki, OpenClash), Clash, sing-box. */
const coreName = /^(mihomo|clash|sing-box|verge-mihomo)/i;
/** USER_HZ, in which /proc/PID/stat counts: 100 on every Linux that runs Node. */
const msPerTick = 10;

/** `/proc/sys/kernel/random/boot_id`: another one at each boot. */
export function bootId(proc = '/proc'): string | null {
	return read(`${proc}/sys/kernel/random/boot_id`)?.trim() || null;
}

/** ms since boot when the oldest process with a core's name began; null when there is none. */
export function coreStarted(proc = '/proc'): number | null {
	let oldest: number | null = null;
	for (const pid of processes(proc)) {
		if (!coreName.test(read(`${proc}/${pid}/comm`) ?? '')) continue;
		const started = startTicks(read(`${proc}/${pid}/stat`) ?? '');
		if (started !== null) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, started * msPerTick);
	}
	return oldest;
}

/** Field 22 of proc(5)'s stat; the name in parentheses may hold blanks and parentheses itself. */
function startTicks(stat: string): number | null {
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const ticks = Number(fields[19]);
	return Number.isSafeInteger(ticks) && fields.length > 19 ? ticks : null;
}

function processes(proc: string): string[] {
	try {
		return readdirSync(proc).filter((name) => /^\d+$/.test(name));
	} catch {
		return [];
	}
}

function read(path: string): string | null {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return null;
	}
}
