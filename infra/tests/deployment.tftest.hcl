# What the functions, and those who deploy them, are given.
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
    error_message = "The instance's own host and port, with TLS, no cluster, no IAM."
  }
  assert {
    condition     = output.substitutions._REDIS_PASSWORD_SECRET == google_secret_manager_secret.redis["instance/password"].id && output.substitutions._REDIS_CA_SECRET == google_secret_manager_secret.redis["instance/ca"].id
    error_message = "The functions are handed where its secrets are."
  }
  assert {
    condition     = nonsensitive(google_secret_manager_secret_version.redis["instance/password"].secret_data == "an-auth-string")
    error_message = "The secret holds the AUTH string."
  }
  assert {
    condition     = length(google_secret_manager_secret_iam_member.reader) == 2 * length(local.functions) && length(google_project_iam_member.connects) == 0
    error_message = "Every function reads both secrets and needs no role for a password."
  }
}

run "a_cluster_takes_tokens_of_the_functions_accounts" {
  variables {
    redis_kind = "cluster"
  }
  state_key = "cluster"
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_CLUSTER, output.substitutions._REDIS_IAM, output.substitutions._REDIS_PASSWORD_SECRET] == ["10.20.0.5", "true", "true", ""]
    error_message = "A cluster, with IAM and without a password."
  }
  assert {
    condition     = google_redis_cluster.this[0].authorization_mode == "AUTH_MODE_IAM_AUTH" && length(google_redis_instance.this) == 0
    error_message = "No one in the network reads without a token, and no instance is made."
  }
  assert {
    condition     = nonsensitive(google_secret_manager_secret_version.redis["cluster/ca"].secret_data == "PEM of the cluster\nits next PEM")
    error_message = "All CAs that Google lists are trusted."
  }
  assert {
    condition     = length(google_project_iam_member.connects) == length(local.functions) && alltrue([for it in google_project_iam_member.connects : it.role == "roles/redis.dbConnectionUser" && it.condition[0].expression == "resource.name == \"projects/demo-project/locations/europe-west1/clusters/redis-functions\""])
    error_message = "Each function may connect to this cluster alone."
  }
}

run "valkey_is_one_node" {
  variables {
    redis_kind = "valkey"
  }
  state_key = "valkey"
  assert {
    condition     = google_memorystore_instance.this["valkey"].mode == "CLUSTER_DISABLED" && google_memorystore_instance.this["valkey"].shard_count == 1
    error_message = "Not a cluster."
  }
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_TLS, output.substitutions._REDIS_CLUSTER, output.substitutions._REDIS_IAM] == ["10.20.0.6", "true", "false", "true"]
    error_message = "The primary's endpoint, not the readers'; TLS and IAM."
  }
  assert {
    condition     = alltrue([for it in google_project_iam_member.connects : it.role == "roles/memorystore.dbConnectionUser" && it.condition[0].expression == "resource.name == \"projects/demo-project/locations/europe-west1/instances/redis-functions-valkey\""])
    error_message = "Each function may connect to this instance alone."
  }
  assert {
    condition     = keys(google_network_connectivity_service_connection_policy.redis) == ["gcp-memorystore"]
    error_message = "Valkey's endpoints need Valkey's policy."
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
    error_message = "A cluster of five."
  }
}

run "an_external_store_is_neither_made_nor_watched" {
  variables {
    redis_kind     = "external"
    redis_external = { host = "redis.example.com", port = 12345, tls = false, password_secret = "projects/other/secrets/password", network = "shared" }
  }
  state_key = "external"
  assert {
    condition     = length(google_redis_instance.this) + length(google_redis_cluster.this) + length(google_memorystore_instance.this) + length(google_secret_manager_secret.redis) == 0
    error_message = "No store and no secret is made."
  }
  assert {
    condition     = [output.substitutions._REDIS_HOST, output.substitutions._REDIS_PORT, output.substitutions._REDIS_TLS, output.substitutions._REDIS_PASSWORD_SECRET, output.substitutions._REDIS_CA_SECRET] == ["redis.example.com", "12345", "false", "projects/other/secrets/password", ""]
    error_message = "The functions are handed what the operator gave."
  }
  assert {
    condition     = keys(google_vpc_access_connector.this) == ["external"] && google_vpc_access_connector.this["external"].network == "shared"
    error_message = "The connector leads into the given network."
  }
  assert {
    condition     = toset(values(google_secret_manager_secret_iam_member.reader)[*].secret_id) == toset(["projects/other/secrets/password"])
    error_message = "The functions may read the given secret."
  }
}

run "public_functions_are_open_without_a_grant_to_everyone" {
  command = plan
  assert {
    condition     = alltrue([for name, it in google_cloud_run_v2_service.function : it.invoker_iam_disabled == (local.functions[name].access == "public")])
    error_message = "IAM guards the private functions and no other."
  }
}

run "production_has_a_connector_for_many_small_requests" {
  command = plan
  assert {
    condition     = google_vpc_access_connector.this["own"].machine_type == "e2-standard-4"
    error_message = "Small machines run out under many small requests."
  }
}

run "development_has_a_small_connector" {
  command = plan
  variables {
    size = "development"
  }
  assert {
    condition     = google_vpc_access_connector.this["own"].machine_type == "e2-micro"
    error_message = "The cheapest one will do."
  }
}

run "a_start_looks_at_the_process_alone_through_a_connector" {
  command = plan
  assert {
    condition     = startswith(local.startup_probe, "httpGet.path=/health,")
    error_message = "The path is open at once."
  }
}

run "a_start_waits_for_the_path_with_direct_egress" {
  command = plan
  variables {
    egress = "direct"
  }
  assert {
    condition     = startswith(local.startup_probe, "httpGet.path=/startup,") && length(google_vpc_access_connector.this) == 0
    error_message = "The path may open a minute after the start."
  }
  assert {
    # A /23 has 512 addresses: 4 for each of 77 instances, and 8 more.
    condition     = pow(2, 32 - tonumber(split("/", google_compute_subnetwork.this.ip_cidr_range)[1])) >= 4 * sum(values(local.functions)[*].max_instances) + 8
    error_message = "Two addresses an instance, for two revisions at once."
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
    error_message = "A bucket's name has up to 63 characters."
  }
  assert {
    condition     = alltrue([for it in values(google_vpc_access_connector.this) : length(it.name) <= 25])
    error_message = "A connector's name has up to 25 characters."
  }
  assert {
    condition     = alltrue([for it in concat(values(google_service_account.function), [google_service_account.scheduler, google_service_account.deployer, google_service_account.builder]) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", it.account_id))])
    error_message = "An account's id has 6 to 30 characters."
  }
}

run "all_tries_of_a_refresh_end_within_its_minute" {
  command = plan
  assert {
    condition     = (google_cloud_scheduler_job.refresh.retry_config[0].retry_count + 1) * tonumber(trimsuffix(google_cloud_scheduler_job.refresh.attempt_deadline, "s")) + 5 + 10 <= 60
    error_message = "A run that overlaps the next makes it skip."
  }
}
