// Bytes as the page promises to write them, done apart from the page's own code.

/** 1234567 -> "1.23 MB", with the narrow space that is not broken. */
export function written(count: number): string {
	const unit = count < 1000 ? 0 : count < 999_500 ? 1 : count < 999_500_000 ? 2 : 3;
	return `${unit === 0 ? count : (count / 1000 ** unit).toPrecision(3)}\u202f${['B', 'kB', 'MB', 'GB'][unit]}`;
}
