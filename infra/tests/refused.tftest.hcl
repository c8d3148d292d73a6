mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id = "demo-project"
}

run "refuses_invalid_values" {
  command = plan
  variables {
    project_id             = "X"
    region                 = "Europe"
    name                   = "a"
    size                   = "huge"
    egress                 = "vpn"
    domain                 = "https://lit.example.com"
    network_range          = "10.20.0.0/24"
    connector_machine_type = "n1-standard-1"
    feed                   = "coinbase"
    invokers               = ["allUsers"]
    alert_email            = "ops at example.com"
    repository             = "github.com/me/mine"
    branch                 = "main$"
    traffic_steps          = [50, 10, 100]
    redis_kind             = "memcache"
    redis_eviction         = "allkeys-lru"
    settings               = { "lower" = "case" }
  }
  expect_failures = [
    var.project_id, var.region, var.name, var.size, var.egress, var.domain, var.network_range, var.connector_machine_type, var.feed,
    var.invokers, var.alert_email, var.repository, var.branch, var.traffic_steps, var.redis_kind, var.redis_eviction, var.settings,
  ]
}

run "refuses_numbers_below_their_range" {
  command = plan
  variables {
    redis_memory_gb         = 0
    redis_shards            = 0
    connector_max_instances = 2
  }
  expect_failures = [var.redis_memory_gb, var.redis_shards, var.connector_max_instances]
}

run "refuses_numbers_above_their_range" {
  command = plan
  variables {
    redis_memory_gb         = 301
    redis_shards            = 251
    connector_max_instances = 11
  }
  expect_failures = [var.redis_memory_gb, var.redis_shards, var.connector_max_instances]
}

run "refuses_fractions" {
  command = plan
  variables {
    redis_memory_gb         = 1.5
    redis_shards            = 1.5
    connector_max_instances = 3.5
  }
  expect_failures = [var.redis_memory_gb, var.redis_shards, var.connector_max_instances]
}

run "refuses_the_separator_of_settings_in_a_setting" {
  command = plan
  variables {
    settings = { A = "b;c" }
  }
  expect_failures = [var.settings]
}

run "refuses_the_separator_of_substitutions_in_a_setting" {
  command = plan
  variables {
    settings = { A = "b|c" }
  }
  expect_failures = [var.settings]
}

run "refuses_external_among_the_stores" {
  command = plan
  variables {
    redis_stores = ["instance", "external"]
  }
  expect_failures = [var.redis_stores]
}

run "refuses_to_use_a_store_that_does_not_exist" {
  command = plan
  variables {
    redis_kind   = "valkey"
    redis_stores = ["instance"]
  }
  expect_failures = [var.redis_stores]
}

run "refuses_an_external_store_without_redis_external" {
  command = plan
  variables {
    redis_kind = "external"
  }
  expect_failures = [var.redis_external]
}

run "refuses_a_url_as_an_external_host" {
  command = plan
  variables {
    redis_kind     = "external"
    redis_external = { host = "rediss://redis.example.com" }
  }
  expect_failures = [var.redis_external]
}

run "refuses_an_invalid_external_port" {
  command = plan
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", port = 65536 }
  }
  expect_failures = [var.redis_external]
}

run "refuses_a_version_of_an_external_secret" {
  command = plan
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", password_secret = "projects/p/secrets/n/versions/1" }
  }
  expect_failures = [var.redis_external]
}

run "refuses_both_iam_and_a_password" {
  command = plan
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", iam = true, password_secret = "projects/p/secrets/n" }
  }
  expect_failures = [var.redis_external]
}

run "refuses_a_path_as_an_external_network" {
  command = plan
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", network = "projects/p/global/networks/n" }
  }
  expect_failures = [var.redis_external]
}
