// The agent's typed settings from the values of its table: the controller's parts joined, secrets read from their
// files, paths made absolute.
import { join, resolve as resolvePath } from 'node:path';
import type { CertificateRule } from '../system/certificate.ts';
import { agentTable } from './agent.ts';
import { type ControllerPlace, controllerAt, controllerPort } from './place.ts';
import type { Resolved } from './resolve.ts';
import type { RouterFacts } from './router.ts';
import { type Surroundings, secretOf } from './secretfile.ts';
import type { Values } from './setting.ts';

type AgentValues = Values<typeof agentTable>;
type Joined = 'clashUrl' | 'mihomoHost' | 'mihomoPort' | 'mihomoToken' | 'clashCertificate';
type SecretFile = 'mihomoTokenFile' | 'luciPasswordFile' | 'masterTokenFile';
type Derived = 'localDatabase' | 'statusFile';

/**
 * Everything `netmon agent` may be told, parsed: units in the names, paths absolute, null = none. Each name is
 * described by its row in `agentTable`.
 */
export type AgentSettings = Omit<AgentValues, Joined | SecretFile | Derived | 'config' | 'envFile'> & {
	/** The controller, whether it was given as a URL or in parts. */
	readonly clash: ControllerPlace & { readonly certificate: CertificateRule };
	readonly localDatabase: string;
	readonly statusFile: string;
	/** What the router's init script told; null anywhere else. */
	readonly router: RouterFacts | null;
};

export interface Composed {
	readonly settings: AgentSettings;
	readonly warnings: readonly string[];
}

export function composeAgent(
	resolved: Resolved<typeof agentTable>,
	router: RouterFacts | null,
	around: Surroundings,
): Composed | { readonly error: string } {
	const secrets = readSecrets(resolved, around);
	if ('error' in secrets) return secrets;
	if (resolved.values.wanSource === 'luci' && resolved.values.luciUrl === null)
		return { error: '--wan-source luci needs --luci-url (LUCI_URL), the base URL of LuCI' };
	const { clash, warnings } = joinController(resolved, secrets.mihomoToken);
	const {
		clashUrl,
		mihomoHost,
		mihomoPort,
		mihomoToken,
		mihomoTokenFile,
		luciPasswordFile,
		masterTokenFile,
		clashCertificate,
		config,
		envFile,
		...rest
	} = resolved.values;
	const absolute = (path: string) => resolvePath(around.cwd, path);
	const stateDir = absolute(rest.stateDir);
	return {
		settings: {
			...rest,
			clash,
			router,
			luciPassword: secrets.luciPassword,
			masterToken: secrets.masterToken,
			stateDir,
			persistDir: rest.persistDir === null ? null : absolute(rest.persistDir),
			localDatabase: rest.localDatabase === null ? join(stateDir, 'queue.db') : absolute(rest.localDatabase),
			statusFile: rest.statusFile === null ? join(stateDir, 'status.json') : absolute(rest.statusFile),
		},
		warnings: [...warnings, ...exposed(resolved)],
	};
}

type Secrets = Readonly<Record<'mihomoToken' | 'luciPassword' | 'masterToken', string | null>>;

function readSecrets(
	resolved: Resolved<typeof agentTable>,
	around: Surroundings,
): Secrets | { readonly error: string } {
	const read: Record<string, string | null> = {};
	for (const name of ['mihomoToken', 'luciPassword', 'masterToken'] as const) {
		const found = secretOf(resolved, [name, `${name}File`], agentTable, around);
		if ('error' in found) return found;
		read[name] = found.value;
	}
	return read as Secrets;
}

function joinController({ values, from }: Resolved<typeof agentTable>, token: string | null) {
	const { clashUrl, mihomoHost, mihomoPort, clashCertificate: certificate } = values;
	// The old agent's host was 127.0.0.1 when only the port was given.
	const byParts = mihomoHost !== null || (mihomoPort !== null && !from.has(agentTable.clashUrl));
	const place = byParts ? controllerAt(mihomoHost ?? '127.0.0.1', mihomoPort ?? controllerPort) : clashUrl;
	const warnings =
		mihomoPort === null || byParts ? [] : ['--mihomo-port is not used: --clash-url is set and --mihomo-host is not'];
	return { clash: { ...place, token: token ?? place.token, certificate }, warnings };
}

/** Secrets that stood on the command line. */
function exposed({ values, from }: Resolved<typeof agentTable>): string[] {
	const inUrl = values.clashUrl.token !== null && from.get(agentTable.clashUrl) === 'flag';
	const flags = Object.values(agentTable).filter((setting) => setting.secret && from.get(setting) === 'flag');
	return [...(inUrl ? [['clash-url', 'mihomo-token']] : []), ...flags.map(({ flag }) => [flag, flag])].map(
		([flag, file]) => `/proc shows the secret of --${flag} to every user of this machine; --${file}-file FILE hides it`,
	);
}
