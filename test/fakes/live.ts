// A `Live` for tests: plausible figures, any of which a test may replace.
import type { Live, Speeds, Totals } from '../../src/record.ts';

const pair = (up: number, down: number) => ({ up, down });

export const someSpeeds: Speeds = {
	direct: pair(1_000, 2_000),
	proxy: pair(300_000, 12_000_000),
	reject: pair(0, 0),
	unattributed: pair(500, 700),
	core: pair(301_500, 12_002_700),
	wan: pair(320_000, 5_012_900_000),
	overhead: pair(18_500, 897_300),
	bypass: pair(0, 5_000_000_000),
};

export const someTotals: Totals = {
	direct: pair(1_000_000, 2_000_000),
	proxy: pair(30_000_000, 40_000_000),
	reject: pair(0, 0),
	attributed: pair(31_000_000, 42_000_000),
	unattributed: pair(5_000, 60_000),
	core: pair(31_005_000, 42_060_000),
	wan: pair(40_000_000, 9_000_000_000_000),
	overhead: pair(1_500_000, 3_000_000),
	bypass: pair(7_495_000, 8_999_954_940_000),
};

export const noSpeeds: Speeds = {
	direct: null,
	proxy: null,
	reject: null,
	unattributed: null,
	core: null,
	wan: null,
	overhead: null,
	bypass: null,
};

export function someLive(changes: Partial<Live> = {}): Live {
	return {
		wall: 1_767_225_600_123,
		intervalMs: 1000,
		speeds: someSpeeds,
		coreStale: false,
		wanStale: false,
		totals: someTotals,
		connections: 212,
		...changes,
	};
}
