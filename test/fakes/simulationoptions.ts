// What a simulated home is like: every figure with its unit and what it is when nobody says.

export interface SimulationOptions {
	readonly seed: number;
	/** Listed connections, about: as many close as open. UDP that waits for its time-out comes on top. */
	readonly connections: number;
	/** Connections opened a second. */
	readonly churn?: number;
	/** Flows a second that live and die between two frames: in the totals, never listed. */
	readonly shorts?: number;
	/** UDP packets a second that REJECT takes: uploads in the total, never listed. */
	readonly rejects?: number;
	/** Share of the connections that move bytes in each step, 0 to 1. */
	readonly growing?: number;
	/** Bytes a second of all listed connections together, the mean around which it wanders. */
	readonly rate?: number;
	/** Share of the UDP destinations that is really taken, 0 to 1. */
	readonly udp?: number;
	/** A silent UDP connection leaves the list after this. */
	readonly udpIdleMs?: number;
	/** Chance that traffic falls into each seam of a reading, 0 to 1. */
	readonly interleave?: number;
	/** Most that one connection moves in such a seam. */
	readonly interleaveBytes?: number;
	/** ms since the Unix epoch at step 0. */
	readonly startWall?: number;
}

export const defaults: Omit<Required<SimulationOptions>, 'seed' | 'connections'> = {
	churn: 5,
	shorts: 2,
	rejects: 1,
	growing: 0.3,
	rate: 2_000_000,
	udp: 1,
	udpIdleMs: 60_000,
	interleave: 0.5,
	interleaveBytes: 65_536,
	startWall: Date.UTC(2026, 0, 1),
};
