// Why batches that were acknowledged wait in the inbox: the vault cannot take them, because the disk is full or fails.
// They are lost by nothing; but an answer without them has to say so.

export interface Hindrance {
	/** Batches that wait. */
	readonly batches: number;
	readonly why: string;
}

/** A call that would need what waits. */
export class Hindered extends Error {}

/** Whether the disk is full (or the inbox has all that it may take); in whichever thread that was found. */
export function isFull(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL';
}

/** In words, for whoever looks at the figures. */
export function hindranceOf(error: unknown, batches: number): Hindrance {
	return { batches, why: isFull(error) ? 'the disk is full' : 'the store cannot be written' };
}

/** "3 batches wait to be booked: the disk is full" */
export function told({ batches, why }: Hindrance): string {
	return `${batches} ${batches === 1 ? 'batch waits' : 'batches wait'} to be booked: ${why}`;
}
