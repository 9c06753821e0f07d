// The dashboard's files: a list made at the build, each under its exact name, compressed as the browser likes it.
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { files } from 'dashboard-files';
import type { Answer } from './answer.ts';
import type { Route } from './route.ts';

/** Nothing inline, nothing from elsewhere, nobody's frame. */
const policy =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Coding = 'br' | 'gzip' | 'identity';

export function pageRoutes(): Route[] {
	return files.flatMap(({ name, type, etag, brotli }) => {
		const bodies = new Map<Coding, Buffer>();
		const body = (coding: Coding): Buffer => {
			const kept = bodies.get(coding);
			if (kept) return kept;
			const packed = Buffer.from(brotli, 'base64');
			const made = {
				br: () => packed,
				identity: () => brotliDecompressSync(packed),
				gzip: () => gzipSync(brotliDecompressSync(packed), { level: 9 }),
			}[coding]();
			bodies.set(coding, made);
			return made;
		};
		const paths = name === 'index.html' ? ['/', '/index.html'] : [`/${name}`];
		return paths.map(
			(path): Route => ({
				...{ method: 'GET', path, access: 'anybody', about: 'The dashboard', parameters: [], types: [type] },
				handle: async ({ headers: asked }): Promise<Answer> => {
					const headers = {
						'Content-Type': type,
						'Content-Security-Policy': policy,
						// Kept, and asked for again with the tag: after an update nobody sees the old page.
						'Cache-Control': 'no-cache',
						Vary: 'Accept-Encoding',
						ETag: etag,
					};
					if (asked['if-none-match'] === etag) return { status: 304, headers, body: '' };
					const coding = codingFor(asked['accept-encoding']);
					const encoding = coding === 'identity' ? {} : { 'Content-Encoding': coding };
					return { status: 200, headers: { ...headers, ...encoding }, body: body(coding) };
				},
			}),
		);
	});
}

/** The best of what `Accept-Encoding` names; weights other than 0 are not weighed. */
export function codingFor(accepted: string | string[] | undefined): Coding {
	const names = String(accepted ?? '')
		.toLowerCase()
		.split(',')
		.filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
		.map((part) => part.split(';')[0]!.trim());
	return (['br', 'gzip'] as const).find((coding) => names.includes(coding)) ?? 'identity';
}
