# A change of store, in the steps that README.md describes.
mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id = "demo-project"
}

run "creates_one_protected_store" {
  assert {
    condition     = length(google_redis_instance.this) == 1 && length(google_redis_cluster.this) == 0 && length(google_memorystore_instance.this) == 0
    error_message = "The default must be one instance and nothing else."
  }
  assert {
    condition     = terraform_data.guard["instance"].output == "protected" && google_redis_instance.this[0].deletion_protection && google_redis_instance.this[0].tier == "STANDARD_HA"
    error_message = "Production must be protected, and in two zones."
  }
}

run "keeps_the_store_when_the_size_changes" {
  variables {
    size = "development"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.creates_one_protected_store.stores["instance"].id
    error_message = "A change of size must not replace the store."
  }
  assert {
    condition     = google_redis_instance.this[0].tier == "STANDARD_HA" && google_redis_instance.this[0].persistence_config[0].persistence_mode == "RDB"
    error_message = "The store must keep its tier and its snapshots."
  }
}

run "adds_a_second_store" {
  variables {
    redis_stores = ["instance", "valkey-cluster"]
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.creates_one_protected_store.stores["instance"].id && length(google_memorystore_instance.this) == 1
    error_message = "Both stores must exist."
  }
  assert {
    condition     = output.substitutions._REDIS_HOST == "10.1.2.3" && google_redis_instance.this[0].deletion_protection && !google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled
    error_message = "The functions must still use the first store, which is the protected one."
  }
  expect_failures = [check.stores_in_use]
}

run "uses_the_new_store" {
  variables {
    redis_stores = ["instance", "valkey-cluster"]
    redis_kind   = "valkey-cluster"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.creates_one_protected_store.stores["instance"].id && length(google_secret_manager_secret_version.redis) == 3
    error_message = "The old store must keep its data and secrets, so that a rollback is possible."
  }
  assert {
    condition     = output.substitutions._REDIS_HOST == "10.20.0.6" && google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled && !google_redis_instance.this[0].deletion_protection
    error_message = "The new store must be in use and protected, the old one not."
  }
  expect_failures = [check.stores_in_use]
}

run "removes_the_old_store_only_when_it_leaves_redis_stores" {
  variables {
    redis_stores = ["valkey-cluster"]
    redis_kind   = "valkey-cluster"
  }
  assert {
    condition     = length(google_redis_instance.this) == 0 && google_memorystore_instance.this["valkey-cluster"].id == run.uses_the_new_store.stores["valkey-cluster"].id
    error_message = "Only the old store must be destroyed."
  }
  assert {
    condition     = keys(google_secret_manager_secret_version.redis) == ["valkey-cluster/ca"]
    error_message = "Only the secrets of the old store must be destroyed."
  }
}

run "creates_a_store_by_kind_alone" {
  state_key = "by the kind alone"
}

run "keeps_the_first_store_when_only_the_kind_changes" {
  state_key = "by the kind alone"
  variables {
    redis_kind = "cluster"
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.creates_a_store_by_kind_alone.stores["instance"].id && length(google_redis_cluster.this) == 1
    error_message = "The first store must stay next to the one in use."
  }
  expect_failures = [check.stores_in_use]
}

run "keeps_both_stores_when_the_store_in_use_is_external" {
  state_key = "by the kind alone"
  variables {
    redis_kind     = "external"
    redis_stores   = ["instance", "cluster"]
    redis_external = { host = "redis.example.com" }
  }
  assert {
    condition     = google_redis_instance.this[0].id == run.creates_a_store_by_kind_alone.stores["instance"].id && length(google_redis_cluster.this) == 1
    error_message = "Using an external store must not destroy others."
  }
  expect_failures = [check.stores_in_use]
}

run "refuses_another_region" {
  state_key = "by the kind alone"
  command   = plan
  variables {
    region = "us-central1"
  }
  expect_failures = [terraform_data.installation]
}

run "refuses_another_name" {
  state_key = "by the kind alone"
  command   = plan
  variables {
    name = "another-name"
  }
  expect_failures = [terraform_data.installation]
}

# Terraform destroys what the tests created, which a protected store would refuse.
run "unprotects_the_store" {
  variables {
    redis_stores        = ["valkey-cluster"]
    redis_kind          = "valkey-cluster"
    deletion_protection = false
  }
  assert {
    condition     = !google_memorystore_instance.this["valkey-cluster"].deletion_protection_enabled && terraform_data.guard["valkey-cluster"].output == "free"
    error_message = "Nothing must protect the store."
  }
}
