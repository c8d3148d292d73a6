# The settings and rights of the functions, and of the accounts that deploy them.
mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id          = "demo-project"
  deletion_protection = false
}

run "an_instance_has_a_password_in_a_secret" {
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_PORT, output.substitutions._REDIS_TLS, output.substitutions._REDIS_CLUSTER, output.substitutions._REDIS_IAM] == ["10.1.2.3", "6378", "true", "false", "false"]
    error_message = "The functions must get the instance's host and port, with TLS, without cluster and IAM."
  }
  assert {
    condition     = output.substitutions._REDIS_PASSWORD_SECRET == google_secret_manager_secret.redis["instance/password"].id && output.substitutions._REDIS_CA_SECRET == google_secret_manager_secret.redis["instance/ca"].id
    error_message = "The functions must get the names of the secrets."
  }
  assert {
    condition     = nonsensitive(google_secret_manager_secret_version.redis["instance/password"].secret_data == "an-auth-string")
    error_message = "The secret must contain the AUTH string."
  }
  assert {
    condition     = length(google_secret_manager_secret_iam_member.reader) == 2 * length(local.functions) && length(google_project_iam_member.connects) == 0
    error_message = "Every function must read both secrets, and needs no connection role."
  }
}

run "a_cluster_uses_iam" {
  variables {
    redis_kind = "cluster"
  }
  state_key = "cluster"
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_CLUSTER, output.substitutions._REDIS_IAM, output.substitutions._REDIS_PASSWORD_SECRET] == ["10.20.0.5", "true", "true", ""]
    error_message = "The functions must get a cluster with IAM, without a password."
  }
  assert {
    condition     = google_redis_cluster.this[0].authorization_mode == "AUTH_MODE_IAM_AUTH" && length(google_redis_instance.this) == 0
    error_message = "The cluster must require IAM, and no instance must exist."
  }
  assert {
    condition     = nonsensitive(google_secret_manager_secret_version.redis["cluster/ca"].secret_data == "PEM of the cluster\nits next PEM")
    error_message = "Every CA that Google lists must be trusted."
  }
  assert {
    condition     = length(google_project_iam_member.connects) == length(local.functions) && alltrue([for it in google_project_iam_member.connects : it.role == "roles/redis.dbConnectionUser" && it.condition[0].expression == "resource.name == \"projects/demo-project/locations/europe-west1/clusters/redis-functions\""])
    error_message = "Each function may connect to this cluster only."
  }
}

run "valkey_is_a_single_node" {
  variables {
    redis_kind = "valkey"
  }
  state_key = "valkey"
  assert {
    condition     = google_memorystore_instance.this["valkey"].mode == "CLUSTER_DISABLED" && google_memorystore_instance.this["valkey"].shard_count == 1
    error_message = "It must not be a cluster."
  }
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_TLS, output.substitutions._REDIS_CLUSTER, output.substitutions._REDIS_IAM] == ["10.20.0.6", "true", "false", "true"]
    error_message = "The functions must get the primary's endpoint, not the reader endpoint, with TLS and IAM."
  }
  assert {
    condition     = alltrue([for it in google_project_iam_member.connects : it.role == "roles/memorystore.dbConnectionUser" && it.condition[0].expression == "resource.name == \"projects/demo-project/locations/europe-west1/instances/redis-functions-valkey\""])
    error_message = "Each function may connect to this instance only."
  }
  assert {
    condition     = keys(google_network_connectivity_service_connection_policy.redis) == ["gcp-memorystore"]
    error_message = "Valkey's endpoints need the policy of Valkey's service class."
  }
}

run "valkey_cluster_is_sharded" {
  variables {
    redis_kind   = "valkey-cluster"
    redis_shards = 5
  }
  state_key = "valkey-cluster"
  assert {
    condition     = google_memorystore_instance.this["valkey-cluster"].mode == "CLUSTER" && google_memorystore_instance.this["valkey-cluster"].shard_count == 5 && output.substitutions._REDIS_CLUSTER == "true"
    error_message = "It must be a cluster of five shards."
  }
}

run "an_external_store_is_only_connected" {
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", port = 12345, tls = false, password_secret = "projects/other/secrets/password", network = "shared" }
  }
  state_key = "external"
  assert {
    condition     = length(google_redis_instance.this) + length(google_redis_cluster.this) + length(google_memorystore_instance.this) + length(google_secret_manager_secret.redis) == 0
    error_message = "No store and no secret must be created."
  }
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_PORT, output.substitutions._REDIS_TLS, output.substitutions._REDIS_PASSWORD_SECRET, output.substitutions._REDIS_CA_SECRET] == ["redis.example.com", "12345", "false", "projects/other/secrets/password", ""]
    error_message = "The functions must get the settings of redis_external."
  }
  assert {
    condition     = keys(google_vpc_access_connector.this) == ["external"] && google_vpc_access_connector.this["external"].network == "shared"
    error_message = "The connector must be in the given network."
  }
  assert {
    condition     = toset(values(google_secret_manager_secret_iam_member.reader)[*].secret_id) == toset(["projects/other/secrets/password"])
    error_message = "The functions must be able to read the given secret."
  }
}

run "public_functions_are_open_without_a_grant_to_everyone" {
  command = plan
  assert {
    condition     = alltrue([for name, it in google_cloud_run_v2_service.function : it.invoker_iam_disabled == (local.functions[name].access == "public")])
    error_message = "IAM must guard exactly the private functions."
  }
}

run "production_has_a_connector_for_many_small_requests" {
  command = plan
  assert {
    condition     = google_vpc_access_connector.this["own"].machine_type == "e2-standard-4"
    error_message = "Small machines cannot handle many small requests."
  }
}

run "development_has_a_small_connector" {
  command = plan
  variables {
    size = "development"
  }
  assert {
    condition     = google_vpc_access_connector.this["own"].machine_type == "e2-micro"
    error_message = "The cheapest machine is enough."
  }
}

run "with_a_connector_the_startup_probe_checks_only_the_process" {
  command = plan
  assert {
    condition     = startswith(local.startup_probe, "httpGet.path=/health,")
    error_message = "A connector works at once."
  }
}

run "with_direct_egress_the_startup_probe_waits_for_the_network" {
  command = plan
  variables {
    egress = "direct"
  }
  assert {
    condition     = startswith(local.startup_probe, "httpGet.path=/startup,") && length(google_vpc_access_connector.this) == 0
    error_message = "The network may come up a minute after the start."
  }
  assert {
    # A /23 has 512 addresses. Needed are 4 for each of 77 instances, and 8 more.
    condition     = pow(2, 32 - tonumber(split("/", google_compute_subnetwork.this.ip_cidr_range)[1])) >= 4 * sum(values(local.functions)[*].max_instances) + 8
    error_message = "The subnet needs two addresses per instance, for two revisions at once."
  }
}

run "the_longest_names_fit" {
  command   = plan
  state_key = "another installation"
  variables {
    project_id = "a-project-of-thirty-characters"
    region     = "northamerica-northeast1"
    name       = "twenty-characters-it"
  }
  assert {
    condition     = length(google_storage_bucket.sources.name) <= 63
    error_message = "A bucket's name may have 63 characters."
  }
  assert {
    condition     = alltrue([for it in values(google_vpc_access_connector.this) : length(it.name) <= 25])
    error_message = "A connector's name may have 25 characters."
  }
  assert {
    condition     = alltrue([for it in concat(values(google_service_account.function), [google_service_account.scheduler, google_service_account.deployer, google_service_account.builder]) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", it.account_id))])
    error_message = "An account's id must have 6 to 30 characters."
  }
}

run "all_attempts_of_a_refresh_fit_into_a_minute" {
  command = plan
  assert {
    condition     = (google_cloud_scheduler_job.refresh.retry_config[0].retry_count + 1) * tonumber(trimsuffix(google_cloud_scheduler_job.refresh.attempt_deadline, "s")) + 5 + 10 <= 60
    error_message = "If a run overlaps the next one, Scheduler skips that one."
  }
}
