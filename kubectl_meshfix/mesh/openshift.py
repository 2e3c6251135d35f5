"""Pods that OpenShift itself makes, one for each build and each rollout of a DeploymentConfig."""

BUILD_POD, DEPLOYER_POD = "openshift.io/build.name", "openshift.io/deployer-pod-for.name"
OPENSHIFT_PODS = {BUILD_POD: "build", DEPLOYER_POD: "deployer"}
"""Their labels, and what they are called (`openshift-controller-manager` `pkg/build`, `pkg/apps/deployer`)."""
