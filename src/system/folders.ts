// Folders of the program's own files: nobody else may look into them.
import { mkdirSync } from 'node:fs';

/** Makes those that are not there. One that cannot be made is told by whoever writes into it. */
export function makeFolders(folders: readonly string[]): void {
	for (const folder of folders) {
		try {
			mkdirSync(folder, { recursive: true, mode: 0o700 });
		} catch {}
	}
}
