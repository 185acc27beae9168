"""The CDK application: `cdk synth`, `cdk deploy`; `-c stage=sandbox` for the sandbox's."""

from infra.synthesis import application

if __name__ == "__main__":
    application().synth()
