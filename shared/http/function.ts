import type { Route } from './route.ts';

/** One deployed function: its routes, who may call it, and how it runs on Cloud Run. */
export interface FunctionDefinition<R extends Route = Route> {
  /** Its name on the command line and in Google Cloud, in kebab-case. */
  readonly name: string;
  readonly summary: string;
  /** `public`: anyone may call it. `private`: Google's IAM checks the caller's token before the request arrives. */
  readonly access: 'public' | 'private';
  /** Whether RATE_LIMIT_PER_MINUTE applies to each client. A route may have its own `limit`. */
  readonly limited: boolean;
  /** Whether its routes can fail when Redis is away; true by default. */
  readonly needsRedis: boolean;
  readonly deploy: {
    readonly memory_mib: 256 | 512 | 1024;
    readonly cpu: 1 | 2;
    /** Requests at once in one instance, 1–1000. */
    readonly concurrency: number;
    readonly min_instances: number;
    /** Caps the connections to Redis: each instance has one or two. */
    readonly max_instances: number;
    readonly timeout_seconds: number;
  };
  readonly routes: readonly R[];
}

const DEPLOY = {
  memory_mib: 256,
  cpu: 1,
  concurrency: 80,
  min_instances: 0,
  max_instances: 10,
  timeout_seconds: 30,
} as const;

interface FunctionSpec<R extends Route> extends Omit<FunctionDefinition<R>, 'deploy' | 'needsRedis'> {
  readonly needsRedis?: boolean;
  readonly deploy?: Partial<FunctionDefinition['deploy']>;
}

/** Defines a function. What is left out is as for most functions. */
export const defineFunction = <R extends Route>(spec: FunctionSpec<R>): FunctionDefinition<R> => ({
  needsRedis: true,
  ...spec,
  deploy: { ...DEPLOY, ...spec.deploy },
});
