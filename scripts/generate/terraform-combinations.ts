const CHOICES = {
  egress: ['connector', 'direct'],
  redis_kind: ['instance', 'cluster', 'valkey', 'valkey-cluster', 'external'],
  size: ['production', 'development'],
  feed: ['senticrypt', 'kraken'],
  repository: [null, 'projects/p/locations/r/connections/c/repositories/r'],
};

type Choice = readonly [name: string, value: string | null];

const combinations = Object.entries(CHOICES).reduce<readonly (readonly Choice[])[]>(
  (all, [name, values]) => all.flatMap((one) => values.map((value): readonly Choice[] => [...one, [name, value]])),
  [[]],
);

const planOf = (choices: readonly Choice[]): string => {
  const words = choices.flatMap(([name, value]) => (name === 'repository' ? (value ? ['trigger'] : []) : [value]));
  return `
run "plans_${words.join('_')}" {
  command = plan
  variables {
${choices.map(([name, value]) => `    ${name.padEnd(10)} = ${JSON.stringify(value)}`).join('\n')}
  }
}
`;
};

/** Terraform's tests have no loops, so every combination is written out. */
export const terraformCombinations = {
  file: 'infra/tests/combinations.tftest.hcl',
  render: () => `# Made by \`npm run generate\`: do not edit.
mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id     = "demo-project"
  redis_external = { host = "redis.example.com" }
}
${combinations.map(planOf).join('')}`,
};
