export type Direction = 'rising' | 'falling' | 'flat';

export interface Summary {
  readonly lit: boolean;
  readonly hourly_average_of_averages: readonly {
    readonly time: string;
    readonly price: number;
    readonly sentiment: number;
    readonly samples: number;
    readonly complete: boolean;
  }[];
  readonly price_direction: Direction;
  readonly sentiment_direction: Direction;
  readonly as_of: string;
  readonly age_seconds: number;
  readonly stale: boolean;
  readonly source: string;
}

export interface History {
  readonly step_seconds: number;
  readonly points: readonly {
    readonly time: string;
    readonly price: number;
    readonly sentiment: number;
    readonly samples: number;
  }[];
}
